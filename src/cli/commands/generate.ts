/** `east generate`: writes the C sources of a finished run into the firmware tree. */
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { configChanges } from '../../core/config/config-identity';
import { UserError } from '../../core/util/errors';
import { findFinishedRun, presentConfig, resultsError, type FoundRun } from '../find-run';
import { remark } from '../terminal';
import { writeSources } from '../write-sources';

export async function generate(
  argument: string | undefined,
  options: { readonly force?: boolean },
  context: Context,
): Outcome {
  // Without the config's lock: a finished run changes no more, and what belongs to it may be read-only.
  const found = findFinishedRun(argument, context);
  const { folder, config } = found;
  await sayChanges(found, context);
  const problem = folder.resultsProblem();
  if (problem !== undefined) throw resultsError(folder, problem);
  await writeSources({ config, folder }, { force: options.force ?? false }, context);
  return EXIT.ok;
}

/**
 * The sources of a run whose config has changed since are not what the config asks for, and `east check` would say so.
 * Throws UserError with both ways on; of a run that was named they are wanted, so there it is a remark.
 */
async function sayChanges(
  { folder, config, named }: FoundRun,
  { terminal }: Context,
): Promise<void> {
  const present = await presentConfig(config);
  const changes = present === undefined ? [] : configChanges(config, present);
  if (changes.length === 0) return;
  const what = `The config has changed since run ${folder.id} (${changes.join(', ')})`;
  if (named) {
    remark(terminal, `${what}: "east check" will call these sources out of date.`);
    return;
  }
  throw new UserError(
    `${what}. Train it as it is now with "east run", or write the sources of that run as it was with "east generate ${folder.id}"`,
    { file: config.file },
  );
}
