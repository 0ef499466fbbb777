/** How far a long load has come, for a progress bar. Every reader gives the event loop a turn when it reports. */
export interface LoadProgress {
  /** What is being loaded, as a user would call it: `training set`, `test set`. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

export type OnProgress = (progress: LoadProgress) => void;

/** Lets timers, signals and the progress bar run between two chunks of synchronous work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
