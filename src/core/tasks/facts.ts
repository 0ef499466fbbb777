/** What of a task is measured of its data: belongs to the model, since the firmware needs it. */

export interface TaskFacts {
  /** Of a regression's targets over the training set, one for each output: training brings them to mean 0, deviation 1. */
  readonly targets?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /**
   * The targets' standard deviations over the training set where the network, which was trained elsewhere, puts out the
   * targets as they are: then there are no `targets`.
   */
  readonly spread?: readonly number[];
  /** Answers above it are alarms: chosen on the validation set (`binary`) or on normal examples (`anomaly`). */
  readonly threshold?: number;
  /** Share of the examples without what is to be found that may alarm, as the config wants it. */
  readonly falseAlarms?: number;
  /** `anomaly`: which sets hold known anomalies; absent where none do. */
  readonly anomalies?: 'test' | 'validation and test';
}

/** How an int8 code becomes a number: (code − zero point) × scale. */
export interface CodeScale {
  readonly scale: number;
  readonly zeroPoint: number;
}
