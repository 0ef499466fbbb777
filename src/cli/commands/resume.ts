/** `east resume`: goes on where a stopped or killed run was, to the same weights it would have had. */
import { configChanges } from '../../core/config/config-identity';
import type { RunFolder } from '../../core/run/run-folder';
import { UserError, formatUserError } from '../../core/util/errors';
import type { ResolvedConfig } from '../../core/config/config';
import type { Context, Outcome } from '../context';
import { findRunToResume, presentConfig, resultsError } from '../find-run';
import { remark } from '../terminal';
import { trainRun, type TrainOptions } from '../train';

export async function resume(
  argument: string | undefined,
  options: TrainOptions,
  context: Context,
): Outcome {
  const { store, folder, config } = findRunToResume(argument, context);
  const changed = await configChanged(config);
  const open = (): RunFolder => {
    // Asked for with the lock held: until then another process may still have been finishing it.
    if (folder.state() === 'finished') {
      const problem = folder.resultsProblem();
      if (problem !== undefined && folder.checkpoints.steps().length === 0) {
        throw resultsError(folder, problem);
      }
      if (problem !== undefined) {
        remark(
          context.terminal,
          `The results cannot be used (${formatUserError(problem)}). They are written anew from the last checkpoint.`,
        );
        return folder;
      }
      throw new UserError(
        `run ${folder.id} is finished; see it with "east report", start another with "east run"`,
        { file: folder.path },
      );
    }
    if (changed) {
      remark(
        context.terminal,
        'The config has changed since the run was started. It goes on with what it was started with; use "east run" for the changes.',
      );
    }
    return folder;
  };
  return trainRun(context, config, store, open, options);
}

/** A config that cannot be read any more does not keep a run from going on: the run has its own copy. */
async function configChanged(recorded: ResolvedConfig): Promise<boolean> {
  const present = await presentConfig(recorded);
  return present === undefined || configChanges(recorded, present).length > 0;
}
