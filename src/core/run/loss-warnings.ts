/** Whether the training of a run got anywhere, by what its log has of the loss. */
import type { RunEvent } from './events';

/** Losses of single batches scatter; one that has fallen has fallen by more. */
const FALLEN = 0.97;
/** Fewer say nothing. */
const LEAST = 4;

export function lossWarnings(events: readonly RunEvent[]): string[] {
  const losses = events.flatMap((event) =>
    event.type === 'step' && event.phase === 'float' ? [event.loss] : [],
  );
  const [first = 0, ...later] = losses;
  if (later.length < LEAST) return [];
  const best = later.reduce((least, loss) => Math.min(least, loss), Infinity);
  if (best < FALLEN * first) return [];
  return [
    `the loss never fell: ${first.toPrecision(3)} at the first step, ${best.toPrecision(3)} at best later; ` +
      'set a lower training.learningRate, look whether examples and labels belong together, and try a network of more units',
  ];
}
