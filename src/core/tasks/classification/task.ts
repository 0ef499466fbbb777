/** One of several classes: an output for each, the largest is the answer. A target is the index of a class. */
import type { Task } from '../task';

/** A larger confusion matrix cannot be read. */
const MOST_CLASSES = 50;

export const classification: Task = {
  metric: { name: 'accuracy', unit: '%', better: 'higher', best: 1 },

  targetSize: () => 1,
  targetProblem(target, classes) {
    const label = target[0] ?? NaN;
    if (Number.isInteger(label) && label >= 0 && label < classes) return undefined;
    return `label ${label} is the index of no class, 0 … ${classes - 1}`;
  },
  /** Of every class there must be an example. */
  trainingProblem(targets, classNames) {
    const seen = new Set<number>(Array.from(targets));
    const empty = classNames.findIndex((_, label) => !seen.has(label));
    if (empty < 0) return undefined;
    return (
      `class ${empty} ("${classNames[empty]}") has no example among the ${targets.length} of the ` +
      'training set; check the labels, raise dataset.limit or lower model.classes'
    );
  },
  groupOf: (target) => target[0]!,

  answerSize: () => 1,
  read(output, answer) {
    answer[0] = firstLargest(output);
  },
  /** The share of examples whose class was found. */
  measure(answers, targets) {
    let right = 0;
    for (let i = 0; i < targets.length; i++) if (answers[i] === targets[i]) right++;
    return right / targets.length;
  },
  details(answers, targets, names) {
    if (names.length > MOST_CLASSES) return undefined;
    const confusion = names.map(() => names.map(() => 0));
    for (let i = 0; i < targets.length; i++) confusion[targets[i]!]![answers[i]!]!++;
    return { kind: 'classification', names, confusion };
  },
  /** The share of the class that most of the examples are of. */
  baseline(targets) {
    const counts = new Map<number, number>();
    for (let i = 0; i < targets.length; i++) {
      counts.set(targets[i]!, (counts.get(targets[i]!) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / targets.length;
  },
};

/** Index of the largest value, the first one on a tie. */
function firstLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}
