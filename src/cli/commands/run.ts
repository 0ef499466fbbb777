/** `east run`: a new run of a config. */
import { readFileSync } from 'node:fs';
import { RunStore } from '../../core/run/run-store';
import type { Context, Outcome } from '../context';
import { openConfig } from '../find-run';
import { trainRun, type TrainOptions } from '../train';

export async function run(
  argument: string | undefined,
  options: TrainOptions,
  context: Context,
): Outcome {
  const config = openConfig(argument, context);
  const store = new RunStore(config.workspace);
  const open = () => store.create(config, readFileSync(config.file, 'utf8'));
  return trainRun(context, config, store, open, options);
}
