/**
 * How much time has passed. The system's clock may be set while a run trains: by hand, by the network, by a virtual
 * machine that wakes up. What is due after so many seconds goes by this one, which is never set; `new Date()` is for stamps
 * that people read, and lint keeps `Date.now()` out.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds since some moment in the past, the same one for the whole process. Never goes back. */
export function elapsedMs(): number {
  return performance.now();
}

/** Time, to be replaced in tests by one that passes when they say so. */
export interface Clock {
  readonly elapsedMs: () => number;
  /** What the system's clock says of a file's age, for a first guess: it may have been set since. */
  readonly ageMs: (mtimeMs: number) => number;
  readonly delay: (milliseconds: number) => Promise<void>;
}

export const CLOCK: Clock = {
  elapsedMs,
  ageMs: (mtimeMs) => new Date().getTime() - mtimeMs,
  delay: (milliseconds) => delay(milliseconds),
};
