/**
 * The longest earlier occurrence, within reach of an LZ4 offset, of what follows each position. The optimal parse
 * needs nothing more: a match's cost depends on its length alone, and every shorter length is a prefix of the longest.
 */
import { MAX_OFFSET } from './format';
import { OrderedSet } from './ordered-set';
import { suffixArray } from './suffix-array';

export interface LongestMatches {
  /** Where the longest match that starts at i ends (exclusive); i where there is none. Never decreases with i. */
  readonly ends: Int32Array;
  /** Its distance back, 1 … 65,535; 0 where there is none. */
  readonly offsets: Uint16Array;
}

/**
 * Exact, in time proportional to the length whatever the bytes are.
 *
 * Of all suffixes that start in the window before i, the one that agrees longest with suffix i is its neighbour in
 * suffix order, below or above. If the neighbour below agrees for k bytes, then one position later the neighbour
 * below agrees for at least k−1 (the old neighbour's successor is still below and in the window); the same above.
 * So both lengths are counted on from the last ones, and the comparisons sum to O(n) (as in Kasai's LCP algorithm).
 */
export function findLongestMatches(src: Uint8Array): LongestMatches {
  const n = src.length;
  const ends = new Int32Array(n);
  const offsets = new Uint16Array(n);
  const order = suffixArray(src);
  const rank = new Int32Array(n);
  for (let r = 0; r < n; r++) rank[order[r]!] = r;

  const window = new OrderedSet(n);
  let lengthBelow = 0;
  let lengthAbove = 0;
  for (let i = 0; i < n; i++) {
    const r = rank[i]!;
    const below = window.below(r);
    const above = window.above(r);
    if (lengthBelow > 0) lengthBelow--;
    if (lengthAbove > 0) lengthAbove--;
    let from = -1;
    let length = 0;
    if (below >= 0) {
      const j = order[below]!;
      while (i + lengthBelow < n && src[j + lengthBelow] === src[i + lengthBelow]) lengthBelow++;
      from = j;
      length = lengthBelow;
    }
    if (above >= 0) {
      const j = order[above]!;
      while (i + lengthAbove < n && src[j + lengthAbove] === src[i + lengthAbove]) lengthAbove++;
      if (lengthAbove > length) {
        from = j;
        length = lengthAbove;
      }
    }
    ends[i] = i + length;
    if (length > 0) offsets[i] = i - from;
    window.add(r);
    if (i >= MAX_OFFSET) window.delete(rank[i - MAX_OFFSET]!);
  }
  return { ends, offsets };
}
