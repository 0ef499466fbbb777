/**
 * Numbers: a target is as many as the network has outputs. Training brings them to mean 0 and deviation 1; what a network
 * answers is brought back, so that errors are in the units of the data. A network that was trained elsewhere answers in
 * those units as it is.
 */
import type { TargetDetails } from '../details';
import type { TaskFacts } from '../facts';
import type { Metric, Task } from '../task';

const ABSOLUTE: Metric = { name: 'mean absolute error', unit: '', better: 'lower', best: 0 };

/** Of several targets, whose units need not be the same. */
export const SCALED: Metric = {
  name: 'mean absolute error in standard deviations',
  unit: '',
  better: 'lower',
  best: 0,
};

export const regression: Task = { ...regressionOf({}), withFacts: regressionOf };

function regressionOf({ targets: scales, spread }: TaskFacts): Task {
  const deviations = spread ?? scales?.std ?? [1];
  /** Of one target errors are in its own unit. */
  const units = deviations.length > 1 ? deviations : [1];
  const distance = (targets: ArrayLike<number>, answer: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < targets.length; i++) {
      sum += Math.abs(answer(i) - targets[i]!) / units[i % units.length]!;
    }
    return sum / targets.length;
  };
  return {
    metric: units.length > 1 ? SCALED : ABSOLUTE,

    targetSize: (outputs) => outputs,
    targetProblem: (target) =>
      Array.from(target).every(Number.isFinite) ? undefined : 'a target is no finite number',
    trainingProblem(targets, names) {
      const { std } = targetScales(targets, names.length);
      const constant = std.findIndex((deviation) => deviation === 0);
      if (constant < 0) return undefined;
      return (
        `target "${names[constant]}" is ${targets[constant]} in all examples of the training set; ` +
        'there is nothing to learn, leave it out'
      );
    },
    groupOf: () => 0,

    answerSize: (outputs) => outputs,
    read(output, answer) {
      for (let i = 0; i < answer.length; i++) {
        answer[i] = output[i]! * (scales?.std[i] ?? 1) + (scales?.mean[i] ?? 0);
      }
    },
    /** The mean distance between answer and target. */
    measure: (answers, targets) => distance(targets, (i) => answers[i]!),
    details: (answers, targets, names) => ({
      kind: 'regression',
      targets: names.map((name, i) =>
        detailsOf(name, columnsOf(targets, names.length)[i]!, columnsOf(answers, names.length)[i]!),
      ),
    }),
    /** That of the medians, which no other constant answer comes nearer than. */
    baseline(targets, outputs) {
      const medians = columnsOf(targets, outputs).map(median);
      return distance(targets, (i) => medians[i % medians.length]!);
    },
  };
}

/** Mean and standard deviation of each target. */
export function targetScales(
  targets: ArrayLike<number>,
  outputs: number,
): NonNullable<TaskFacts['targets']> {
  const columns = columnsOf(targets, outputs);
  const mean = columns.map((column) => column.reduce((sum, x) => sum + x, 0) / column.length);
  const std = columns.map((column, i) =>
    Math.sqrt(column.reduce((sum, x) => sum + (x - mean[i]!) ** 2, 0) / column.length),
  );
  return { mean, std };
}

function columnsOf(targets: ArrayLike<number>, outputs: number): number[][] {
  const columns = Array.from({ length: outputs }, (): number[] => []);
  for (let i = 0; i < targets.length; i++) columns[i % outputs]!.push(targets[i]!);
  return columns;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Enough for a picture. */
const MOST_POINTS = 400;

function detailsOf(
  name: string,
  targets: readonly number[],
  answers: readonly number[],
): TargetDetails {
  const { length } = targets;
  const mean = targets.reduce((sum, x) => sum + x, 0) / length;
  let absolute = 0;
  let squares = 0;
  let spread = 0;
  targets.forEach((target, i) => {
    const error = answers[i]! - target;
    absolute += Math.abs(error);
    squares += error * error;
    spread += (target - mean) ** 2;
  });
  const shown = Math.min(length, MOST_POINTS);
  return {
    name,
    meanAbsolute: absolute / length,
    rootMeanSquare: Math.sqrt(squares / length),
    ...(spread > 0 ? { r2: 1 - squares / spread } : {}),
    points: Array.from({ length: shown }, (_, i) => {
      const at = Math.floor((i * length) / shown);
      return [targets[at]!, answers[at]!] as const;
    }),
  };
}
