/**
 * What is normal, learnt by an autoencoder: its output is its input rebuilt, and what it rebuilds badly is an anomaly. A
 * target is 1 for an anomaly and 0 for what is normal; an answer is the mean squared error of the rebuilt example, in units
 * of the normalised input.
 */
import type { TaskFacts } from '../facts';
import { defined } from '../../util/defined';
import { countAlarms, shownCurve } from '../alarms';
import type { AnomalyDetails } from '../details';
import { areaUnderCurve, thresholdFor } from '../ranking';
import type { Metric, Task } from '../task';
import { binary } from '../binary/task';
import { reconstructionScore, scoreFactors } from './score';

/** Where nobody says which examples are anomalies. */
export const RECONSTRUCTION: Metric = {
  name: 'reconstruction error',
  unit: '',
  better: 'lower',
  best: 0,
};

const byReconstruction = {
  metric: RECONSTRUCTION,
  /** The mean over the normal examples. */
  measure(answers: ArrayLike<number>, targets: ArrayLike<number>): number {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < answers.length; i++) {
      if (targets[i]! > 0) continue;
      sum += answers[i]!;
      count++;
    }
    return count === 0 ? 0 : sum / count;
  },
  /** What answering the mean of the training set has, whose deviation is 1. */
  baseline: (): number => 1,
};

const byRanking = {
  metric: binary.metric,
  measure: areaUnderCurve,
  baseline: (): number => 0.5,
};

export const anomaly: Task = { ...anomalyOf({}), withFacts: anomalyOf };

function anomalyOf(facts: TaskFacts): Task {
  const { anomalies, falseAlarms = 0, threshold = 0 } = facts;
  return {
    ...(anomalies === undefined ? byReconstruction : byRanking),
    choosing: anomalies === 'validation and test' ? byRanking : byReconstruction,

    targetSize: () => 1,
    targetProblem: (target) =>
      target[0] === 0 || target[0] === 1 ? undefined : `target ${target[0]} is neither 0 nor 1`,
    trainingProblem: () => undefined,
    groupOf: () => 0,

    answerSize: () => 1,
    read(output, answer, input = []) {
      let sum = 0;
      for (let i = 0; i < output.length; i++) sum += (output[i]! - (input[i] ?? 0)) ** 2;
      answer[0] = sum / output.length;
    },
    readCodes: (input, output) => {
      const { scale } = scoreFactors(input, output);
      return (from, to, answer) => {
        answer[0] = reconstructionScore(from, to, { input, output }) * scale;
      };
    },

    conclude: (answers, targets) => ({
      ...facts,
      threshold: thresholdFor(answers, targets, falseAlarms),
    }),
    details: (answers, targets) => ({
      kind: 'anomaly',
      ...countAlarms(answers, targets, threshold),
      ...defined({ roc: shownCurve(answers, targets) }),
      histogram: histogramOf(answers, targets, threshold),
    }),
  };
}

const BINS = 40;
/** Errors that far above the threshold are all alike. */
export const BEYOND = 4;

function histogramOf(
  answers: ArrayLike<number>,
  targets: ArrayLike<number>,
  threshold: number,
): AnomalyDetails['histogram'] {
  const largest = Array.from(answers).reduce((a, b) => Math.max(a, b), 0);
  const most = threshold > 0 ? Math.min(largest, BEYOND * threshold) : largest;
  const normal = new Array<number>(BINS).fill(0);
  const anomalous = new Array<number>(BINS).fill(0);
  for (let i = 0; i < answers.length; i++) {
    const bin = most > 0 ? Math.min(BINS - 1, Math.floor((answers[i]! / most) * BINS)) : 0;
    (targets[i]! > 0 ? anomalous : normal)[bin]!++;
  }
  return { most, normal, anomalous };
}
