/** The numbers that go with the examples of a set, row by row. */
import type { Task } from '../tasks/task';
import { UserError } from '../util/errors';
import type { Samples } from './dataset';

type Targets = Pick<Samples, 'count' | 'targets'>;

/** Of one example. */
export function targetSize({ count, targets }: Targets): number {
  return targets.length / Math.max(count, 1);
}

/** A view of what goes with example `index`. */
export function targetOf(samples: Targets, index: number): Float32Array {
  const size = targetSize(samples);
  return samples.targets.subarray(index * size, (index + 1) * size);
}

/** @throws UserError where a set's targets are none that the task has, for outputs of these names */
export function checkTargets(
  task: Task,
  samples: Targets,
  outputNames: readonly string[],
  set: string,
): void {
  if (samples.count === 0) return;
  const size = task.targetSize(outputNames.length);
  if (targetSize(samples) !== size) {
    throw new Error(`the ${set} has ${targetSize(samples)} numbers with each example, not ${size}`);
  }
  for (let i = 0; i < samples.count; i++) {
    const problem = task.targetProblem(targetOf(samples, i), outputNames.length);
    if (problem !== undefined) throw new UserError(`example ${i} of the ${set}: ${problem}`);
  }
}
