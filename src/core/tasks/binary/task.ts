/**
 * Whether something is there: one output, the higher the surer. A target is 1 or 0. What leads is how well the scores tell
 * the two apart, whatever the threshold; that is chosen on the validation set, for a wanted rate of false alarms.
 */
import { defined } from '../../util/defined';
import { countAlarms, shownCurve } from '../alarms';
import type { TaskFacts } from '../facts';
import { areaUnderCurve, thresholdFor } from '../ranking';
import type { Task } from '../task';

/** Where nothing was measured the sigmoid's own middle. */
const MIDDLE = 0;

export const binary: Task = { ...binaryOf({}), withFacts: binaryOf };

function binaryOf(facts: TaskFacts): Task {
  const { falseAlarms = 0, threshold = MIDDLE } = facts;
  return {
    metric: { name: 'area under the ROC curve', unit: '', better: 'higher', best: 1 },

    targetSize: () => 1,
    targetProblem: (target) =>
      target[0] === 0 || target[0] === 1 ? undefined : `target ${target[0]} is neither 0 nor 1`,
    trainingProblem(targets, [name]) {
      const seen = new Set<number>(Array.from(targets));
      if (seen.size > 1) return undefined;
      return seen.has(1)
        ? `every example of the training set is "${name}"; there must be others, too`
        : `no example of the training set is "${name}", which is to be found; look at task.positive and the labels`;
    },
    groupOf: (target) => target[0]!,

    answerSize: () => 1,
    read(output, answer) {
      answer[0] = output[0]!;
    },
    measure: areaUnderCurve,
    /** Scores that are all the same tell nothing apart. */
    baseline: () => 0.5,

    conclude: (answers, targets) => ({
      ...facts,
      threshold: thresholdFor(answers, targets, falseAlarms),
    }),
    details: (answers, targets, [name = '']) => ({
      kind: 'binary',
      name,
      ...countAlarms(answers, targets, threshold),
      ...defined({ roc: shownCurve(answers, targets) }),
    }),
  };
}
