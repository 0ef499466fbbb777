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
 */
export function runMask(layer: SelectionLayer, costs: RunCosts, lambda: number): Uint8Array {
  const { values, saliency, tileBytes } = layer;
  const states = costs.zero.length;
  const last = states - 1;
  const zeroCost = costs.zero.map((bytes) => bytes * lambda);
  const keepCost = costs.keep.map((bytes) => bytes * lambda);
  const mask = new Uint8Array(values.length);
  let total = new Float64Array(states);
  let next = new Float64Array(states);

  let tileStart = 0;
  for (const length of tileBytes) {
    const keptFrom = new Uint8Array(length); // state before weight i, if i is kept
    const stayedLast = new Uint8Array(length); // whether the last state was reached from itself, if i is zero
    total.fill(Infinity);
    total[0] = 0;
    for (let i = 0; i < length; i++) {
      const w = tileStart + i;
      const isZero = values[w] === 0;
      const loss = isZero ? 0 : saliency[w]!;
      let kept = Infinity;
      if (!isZero) {
        for (let s = 0; s < states; s++) {
          const cost = total[s]! + keepCost[s]!;
          if (cost < kept) {
            kept = cost;
            keptFrom[i] = s;
          }
        }
      }
      next[0] = kept;
      for (let s = 1; s < states; s++) next[s] = total[s - 1]! + loss + zeroCost[s - 1]!;
      const stay = total[last]! + loss + zeroCost[last]!;
      if (stay <= next[last]!) {
        next[last] = stay;
        stayedLast[i] = 1;
      }
      [total, next] = [next, total];
    }
    let state = 0;
    for (let s = 1; s < states; s++) if (total[s]! < total[state]!) state = s;
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
