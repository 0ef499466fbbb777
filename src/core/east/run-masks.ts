/** Which weights to zero when a zero's price depends on the zeros before it. */
import type { SelectionLayer } from './selection';

/**
 * Bytes that the encoder spends on each weight, by the number of zeros directly before it in the tile, capped at the
 * tables' last index. Two tables of equal length.
 */
export interface RunCosts {
  /** Of one more zero. */
  readonly zero: Float64Array;
  /** Of a weight that is kept. */
  readonly keep: Float64Array;
}

/**
 * The mask that minimises Σ saliency of pruned weights + lambda · Σ bytes by the table, exactly, by a Viterbi search whose
 * state is the number of zeros so far: O(states) per weight. Runs do not cross tiles. Weights that are 0 as they are
 * count as zeros whether kept or not, so they are pruned at no loss.
 *
 * All states lose the same saliency with a zero, so that is left out of the sums and taken off where a weight is kept
 * instead. Then a state's sum is that of the kept weight it began after, plus a constant, and no table needs moving on.
 */
export function runMask(layer: SelectionLayer, costs: RunCosts, lambda: number): Uint8Array {
  const { values, saliency, tileBytes } = layer;
  const last = costs.zero.length - 1;
  const zeroCost = costs.zero.map((bytes) => bytes * lambda);
  // Of so many zeros after a kept weight; and of keeping the next weight, too.
  const run = new Float64Array(last);
  for (let s = 1; s < last; s++) run[s] = run[s - 1]! + zeroCost[s - 1]!;
  const runAndKeep = run.map((cost, s) => cost + costs.keep[s]! * lambda);
  const enterLast = run[last - 1]! + zeroCost[last - 1]!;
  const stayLast = zeroCost[last]!;
  const keepAfterLast = costs.keep[last]! * lambda;

  const mask = new Uint8Array(values.length);
  const longest = tileBytes.reduce((most, length) => Math.max(most, length), 0);
  // after[i + last]: the least sum where weight i − 1 is kept, or i is 0; none before a tile's start.
  const after = new Float64Array(longest + last + 1).fill(Infinity);
  const keptFrom = new Uint8Array(longest); // State before weight i, if i is kept.
  const stayedLast = new Uint8Array(longest); // Whether the last state was reached from itself, if i is zero.
  let tileStart = 0;
  for (const length of tileBytes) {
    after[last] = 0;
    let inLast = Infinity;
    for (let i = 0; i < length; i++) {
      const w = tileStart + i;
      const now = i + last;
      if (values[w] === 0) {
        after[now + 1] = Infinity;
      } else {
        let least = Infinity;
        let from = 0;
        for (let s = 0; s < last; s++) {
          const cost = after[now - s]! + runAndKeep[s]!;
          if (cost < least) {
            least = cost;
            from = s;
          }
        }
        if (inLast + keepAfterLast < least) {
          least = inLast + keepAfterLast;
          from = last;
        }
        keptFrom[i] = from;
        after[now + 1] = least - saliency[w]!;
      }
      const entered = after[now - last + 1]! + enterLast;
      const stayed = inLast + stayLast;
      stayedLast[i] = stayed <= entered ? 1 : 0;
      inLast = stayed <= entered ? stayed : entered;
    }
    let state = last;
    let least = inLast;
    for (let s = last - 1; s >= 0; s--) {
      const sum = after[length + last - s]! + run[s]!;
      if (sum <= least) {
        least = sum;
        state = s;
      }
    }
    for (let i = length - 1; i >= 0; i--) {
      if (state === 0) {
        mask[tileStart + i] = 1;
        state = keptFrom[i]!;
      } else if (state !== last || stayedLast[i] === 0) state--;
    }
    tileStart += length;
  }
  return mask;
}
