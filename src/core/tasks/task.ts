/**
 * What a network is for, as far as anything besides its layers depends on it. One folder holds one task; its facets are
 * files of their own, so that the editor and the firmware never load what trains: `task.ts` (this contract, tasks.ts
 * lists them), `train.ts` (train-task.ts), `emit.ts` (emit-task.ts).
 *
 * Everywhere in here an example's *target* is the numbers that go with it in a data set, its *output* the numbers that
 * the network gives for it, and its *answer* what those are read as. Sets of them lie row by row.
 */

import type { TaskDetails } from './details';
import type { CodeScale, TaskFacts } from './facts';

/** What says how well a network does its task: one number over a set of examples. */
export interface Metric {
  /** As people say it, in lower case. Events, reports and messages carry it beside each value. */
  readonly name: string;
  /** `%`: values are fractions, which people read in percent. Empty: numbers, read as they are. */
  readonly unit: '%' | '';
  readonly better: 'higher' | 'lower';
  /** The value of a network that is never wrong. */
  readonly best: number;
}

export interface Task {
  /** The same task with what was measured for it; absent where nothing is. */
  readonly withFacts?: (facts: TaskFacts) => Task;
  /** Leads: stands in reports and, where `choosing` is absent, chooses the best candidate. */
  readonly metric: Metric;
  /** What is measured while training, where the validation set cannot tell what the test set can. */
  readonly choosing?: Pick<Task, 'metric' | 'measure'>;

  /** Numbers of a target, for a network of so many outputs. */
  readonly targetSize: (outputs: number) => number;
  /** Why this can be no example's target; undefined where it can. */
  readonly targetProblem: (target: ArrayLike<number>, outputs: number) => string | undefined;
  /** Why a training set cannot teach the outputs of these names; undefined where it can. Its targets have no problem. */
  readonly trainingProblem: (
    targets: ArrayLike<number>,
    outputNames: readonly string[],
  ) => string | undefined;
  /** A whole number. Of every group of examples validation gets its share. */
  readonly groupOf: (target: ArrayLike<number>) => number;

  /** Numbers of an answer, for a network of so many outputs. */
  readonly answerSize: (outputs: number) => number;
  /**
   * Reads one example's output: real numbers, before a final softmax or after it. Fills `answer`. `input`: what the network
   * was given, normalised.
   */
  readonly read: (
    output: ArrayLike<number>,
    answer: Float32Array,
    input?: ArrayLike<number>,
  ) => void;
  /** In place of `read` where the firmware reads codes in another arithmetic: returns what does that for codes like these. */
  readonly readCodes?: (
    input: CodeScale,
    output: CodeScale,
  ) => (input: Int8Array, output: Int8Array, answer: Float32Array) => void;
  /** The metric over a set of at least one example. */
  readonly measure: (answers: ArrayLike<number>, targets: ArrayLike<number>) => number;
  /** What the metric says of the best answer that is the same for every example: what needs no network. `outputs`: how many the network has. */
  readonly baseline: (targets: ArrayLike<number>, outputs: number) => number;

  /** What the firmware needs and only a finished network tells, by its answers to the validation set. */
  readonly conclude?: (answers: ArrayLike<number>, targets: ArrayLike<number>) => TaskFacts;
  /** What there is to say beyond the metric; undefined where that would be too much. */
  readonly details?: (
    answers: ArrayLike<number>,
    targets: ArrayLike<number>,
    outputNames: readonly string[],
  ) => TaskDetails | undefined;
}
