/** A task that the product does not have: numbers are told, and judged by how far they are off. No file of src/ knows it. */
import type { EmitTask } from '../../../src/core/tasks/emit-task';
import type { Task } from '../../../src/core/tasks/task';
import type { TrainTask } from '../../../src/core/tasks/train-task';
import type { TaskFacets } from './task-suite';

const task: Task = {
  metric: { name: 'mean absolute error', unit: '', better: 'lower', best: 0 },
  targetSize: (outputs) => outputs,
  targetProblem: (target) =>
    Array.from(target).every(Number.isFinite) ? undefined : 'a target is no number',
  trainingProblem: () => undefined,
  groupOf: () => 0,
  answerSize: (outputs) => outputs,
  read: (output, answer) => answer.set(Array.from(output)),
  measure: (answers, targets) => meanDistance(targets, (i) => answers[i]!),
  baseline(targets) {
    const sorted = Array.from(targets).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    return meanDistance(targets, () => median);
  },
};

const train: TrainTask = {
  loss: (tf, { outputs, targets }) => tf.mean(tf.square(tf.sub(outputs, targets))),
  imitation: (tf, { outputs, targets }) => tf.mean(tf.square(tf.sub(outputs, targets))),
};

const emit: EmitTask = {
  output: () => 'value = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE.',
  declarations: () => '',
};

function meanDistance(targets: ArrayLike<number>, answer: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i++) sum += Math.abs(answer(i) - targets[i]!);
  return sum / targets.length;
}

export const madeUp: TaskFacets = { task, train, emit };
