/**
 * Events kept in bounded memory. No log of a training comes near the bound; of one that does, every other event of the
 * older half is dropped each time the bound is met, so that its course and its end can still be seen.
 */
import type { RunEvent } from './events';

interface Kept {
  readonly event: RunEvent;
  readonly bytes: number;
}

export class BoundedEvents {
  #kept: Kept[] = [];
  #bytes = 0;

  /** @param most bytes of the lines of all events that are kept; in memory they take about as much */
  constructor(private readonly most: number) {}

  /** @param bytes length of its line */
  add(event: RunEvent, bytes: number): void {
    this.#kept.push({ event, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.most && this.#kept.length > 2) this.#thin();
  }

  all(): RunEvent[] {
    return this.#kept.map(({ event }) => event);
  }

  /** The first event stays: it says when the run began. */
  #thin(): void {
    const half = Math.ceil(this.#kept.length / 2);
    this.#kept = this.#kept.filter((_, i) => i >= half || i % 2 === 0);
    this.#bytes = this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
