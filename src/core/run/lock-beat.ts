/**
 * A lock's sign of life: its file's time of change moves at an interval. Whoever cannot look at the process that holds it
 * (on another computer, in another container) sees by this that it lives.
 */
import { utimesSync } from 'node:fs';
import { textIfThere } from '../util/read-file';

export interface Beating {
  readonly file: string;
  /** What is in it as long as it is ours. */
  readonly mine: string;
  readonly beatMs: number;
}

/** Beats as long as the lock is ours; for a thread, since training blocks the event loop for long stretches. */
export function keepBeating({ file, mine, beatMs }: Beating): void {
  const timer = setInterval(() => {
    if (!beat(file, mine)) clearInterval(timer);
  }, beatMs);
  timer.unref();
  beat(file, mine);
}

/** Whether the lock was still ours. */
export function beat(file: string, mine: string): boolean {
  try {
    if (textIfThere(file, 'note') !== mine) return false;
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // A file system that is full or gone for a moment: the next beat may get through.
  }
  return true;
}
