/** Which symbols to zero when a zero's price depends on the zeros before it. */
import type { RunCosts } from '../codecs/prices';
import type { SelectionLayer } from './selection';

/**
 * The mask that minimises Σ saliency of pruned symbols + lambda · Σ bytes by the table, exactly, by a Viterbi search whose
 * state is the number of zeros so far: O(states) per symbol. Runs do not cross tiles. Symbols that are 0 as they are
 * count as zeros whether kept or not, so they are pruned at no loss.
 *
 * All states lose the same saliency with a zero, so that is left out of the sums and taken off where a symbol is kept
 * instead. Then a state's sum is that of the kept symbol it began after, plus a constant, and no table needs moving on.
 */
export function runMask(layer: SelectionLayer, costs: RunCosts, lambda: number): Uint8Array {
  const { symbols, tileSymbols } = layer;
  const last = costs.zero.length - 1;
  const zeroCost = costs.zero.map((bytes) => bytes * lambda);
  // What keeping each symbol saves, less what it costs for being that symbol.
  const gain = keptGain(layer, costs, lambda);
  // Of so many zeros after a kept symbol; and of keeping the next symbol, too.
  const run = new Float64Array(last);
  for (let s = 1; s < last; s++) run[s] = run[s - 1]! + zeroCost[s - 1]!;
  const runAndKeep = run.map((cost, s) => cost + costs.keep[s]! * lambda);
  const enterLast = run[last - 1]! + zeroCost[last - 1]!;
  const stayLast = zeroCost[last]!;
  const keepAfterLast = costs.keep[last]! * lambda;

  const mask = new Uint8Array(symbols.length);
  const longest = tileSymbols.reduce((most, length) => Math.max(most, length), 0);
  // after[i + last]: the least sum where symbol i − 1 is kept, or i is 0; none before a tile's start.
  const after = new Float64Array(longest + last + 1).fill(Infinity);
  const keptFrom = new Uint8Array(longest); // State before symbol i, if i is kept.
  const stayedLast = new Uint8Array(longest); // Whether the last state was reached from itself, if i is zero.
  let tileStart = 0;
  for (const length of tileSymbols) {
    after[last] = 0;
    let inLast = Infinity;
    for (let i = 0; i < length; i++) {
      const w = tileStart + i;
      const now = i + last;
      if (symbols[w] === 0) {
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
        after[now + 1] = least - gain[w]!;
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

function keptGain(
  { symbols, saliency }: SelectionLayer,
  { level }: RunCosts,
  lambda: number,
): Float32Array | Float64Array {
  if (level === undefined) return saliency;
  return Float64Array.from(saliency, (lost, i) => lost - lambda * level[symbols[i]!]!);
}
