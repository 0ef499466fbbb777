/** Whether the training of a run got anywhere, by what its log has of the loss. */
import type { RunEvent } from './events';

/** What has fallen by less may as well have scattered. */
const FALLEN = 0.97;
/** Losses of single batches scatter: so many neighbours are taken together. */
const TOGETHER = 3;
/** Fewer say nothing. */
const LEAST = 4;

export function lossWarnings(events: readonly RunEvent[]): string[] {
  const losses = events.flatMap((event) =>
    event.type === 'step' && event.phase === 'float' ? [event.loss] : [],
  );
  const [first = 0, ...later] = losses;
  if (later.length < LEAST) return [];
  const means = later.slice(TOGETHER - 1).map((_, i) => mean(later.slice(i, i + TOGETHER)));
  const best = Math.min(...means);
  if (best < FALLEN * first) return [];
  return [
    `the loss never fell: ${first.toPrecision(3)} at the first step, ${best.toPrecision(3)} at best later; ` +
      'set a lower training.learningRate, look whether examples and labels belong together, and try a network of more units',
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
