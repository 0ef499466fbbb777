/** `east generate`: writes the C sources of a finished run into the firmware tree. */
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findRun } from '../find-run';
import { writeSources } from '../write-sources';

export async function generate(
  argument: string | undefined,
  options: { readonly force?: boolean },
  context: Context,
): Outcome {
  const { store, folder, config } = findRun(argument, context);
  const lock = store.lock(config.file);
  try {
    await writeSources({ config, folder }, { force: options.force ?? false }, context);
    return EXIT.ok;
  } finally {
    lock.release();
  }
}
