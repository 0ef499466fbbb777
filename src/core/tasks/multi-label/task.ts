/** Any number of labels, each there or not: an output for each, above 0 where it is. A target is a 1 or 0 for each. */
import { f1Of, type LabelDetails } from '../details';
import type { Task } from '../task';

export const multiLabel: Task = {
  metric: { name: 'F1 score', unit: '%', better: 'higher', best: 1 },

  targetSize: (outputs) => outputs,
  targetProblem(target) {
    const odd = Array.from(target).find((value) => value !== 0 && value !== 1);
    return odd === undefined ? undefined : `a label is ${odd}, which is neither 0 nor 1`;
  },
  trainingProblem(targets, names) {
    for (const [i, name] of names.entries()) {
      const values = new Set<number>(columnOf(targets, i, names.length));
      if (values.size > 1) continue;
      return (
        `label "${name}" is ${values.has(1) ? 'there' : 'missing'} in every example of the training set; ` +
        'there must be examples with it and without it, or leave it out of dataset.target'
      );
    }
    return undefined;
  },
  groupOf: () => 0,

  answerSize: (outputs) => outputs,
  read(output, answer) {
    for (let i = 0; i < answer.length; i++) answer[i] = output[i]! > 0 ? 1 : 0;
  },
  /** Of all labels of all examples together: 2·right ÷ (told + there), those rightly not told aside. */
  measure(answers, targets) {
    let right = 0;
    let told = 0;
    let there = 0;
    for (let i = 0; i < targets.length; i++) {
      if (targets[i]! > 0) there++;
      if (answers[i]! > 0) told++;
      if (answers[i]! > 0 && targets[i]! > 0) right++;
    }
    return f1Of({ right, told, there });
  },
  details(answers, targets, names) {
    const labels = names.map((name, label): LabelDetails => {
      const there = columnOf(targets, label, names.length);
      const told = columnOf(answers, label, names.length);
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      return {
        name,
        there: sum(there),
        told: sum(told),
        right: sum(there.map((value, i) => value * told[i]!)),
      };
    });
    return { kind: 'multi-label', labels };
  },
  /** Of the best set of labels that is told for every example: the most frequent ones. */
  baseline(targets, outputs) {
    const examples = targets.length / outputs;
    const counts = Array.from({ length: outputs }, (_, i) =>
      columnOf(targets, i, outputs).reduce((sum, value) => sum + value, 0),
    ).sort((a, b) => b - a);
    const there = counts.reduce((sum, count) => sum + count, 0);
    let best = f1Of({ right: 0, told: 0, there });
    let right = 0;
    counts.forEach((count, i) => {
      right += count;
      best = Math.max(best, f1Of({ right, told: (i + 1) * examples, there }));
    });
    return best;
  },
};

function columnOf(values: ArrayLike<number>, column: number, width: number): number[] {
  return Array.from(values).filter((_, i) => i % width === column);
}
