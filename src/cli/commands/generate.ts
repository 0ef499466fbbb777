/** `east generate`: writes the C sources of a finished run into the firmware tree. */
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { findFinishedRun, resultsError } from '../find-run';
import { writeSources } from '../write-sources';

export async function generate(
  argument: string | undefined,
  options: { readonly force?: boolean },
  context: Context,
): Outcome {
  // Without the config's lock: a finished run changes no more, and what belongs to it may be read-only.
  const { folder, config } = findFinishedRun(argument, context);
  const problem = folder.resultsProblem();
  if (problem !== undefined) throw resultsError(folder, problem);
  await writeSources({ config, folder }, { force: options.force ?? false }, context);
  return EXIT.ok;
}
