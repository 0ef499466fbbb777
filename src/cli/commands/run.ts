/** `east run`: a new run of a config. */
import { readText } from '../../core/util/read-file';
import { RunStore } from '../../core/run/run-store';
import type { Context, Outcome } from '../context';
import { openConfig } from '../find-run';
import { trainRun, type TrainOptions } from '../train';

export async function run(
  argument: string | undefined,
  options: TrainOptions,
  context: Context,
): Outcome {
  const { config } = await openConfig(argument, context);
  // Before there is a folder: an impossible budget leaves no run behind.
  await context.actions.plan(config);
  const store = new RunStore(config.workspace);
  const open = () => store.create(config, readText(config.file, 'config'));
  return trainRun(context, config, store, open, options);
}
