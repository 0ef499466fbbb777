/** The cheapest way to write a block as LZ4 sequences: what makes the encoder optimal, and what pruning is priced by. */
import {
  LAST_LITERALS,
  literalLengthBytes,
  MATCH_START_LIMIT,
  matchLengthBytes,
  MIN_MATCH,
} from './format';
import { findLongestMatches } from './longest-match';

/** Sequences in order; the block ends with the literals behind the last match. */
export interface Parse {
  /** Bytes of the encoded block. */
  readonly bytes: number;
  /** Where each sequence's match starts; its literals are what lies between the last match's end and here. */
  readonly matchStarts: Int32Array;
  readonly matchEnds: Int32Array;
  readonly offsets: Uint16Array;
}

interface Costs {
  /** Bytes of the whole block. */
  readonly bytes: number;
  /** For a literal run that ends at i (exclusive): where it starts on the cheapest way to i. */
  readonly literalStart: Int32Array;
  /** For a match that ends at i (exclusive): where it starts on the cheapest way to i. */
  readonly matchStart: Int32Array;
  readonly matchOffsets: Uint16Array;
}

/** Bytes of the smallest LZ4 block that decodes to `src`. */
export function parsedBytes(src: Uint8Array): number {
  return solve(src).bytes;
}

/** A parse with the fewest bytes possible; the same for the same input everywhere. */
export function parseBlock(src: Uint8Array): Parse {
  const { bytes, literalStart, matchStart, matchOffsets } = solve(src);
  const starts: number[] = [];
  const ends: number[] = [];
  for (let end = literalStart[src.length]!; end > 0; end = literalStart[starts.at(-1)!]!) {
    ends.push(end);
    starts.push(matchStart[end]!);
  }
  const matchStarts = Int32Array.from(starts.reverse());
  const matchEnds = Int32Array.from(ends.reverse());
  const offsets = Uint16Array.from(matchStarts, (start, k) =>
    // Of equally long matches one at distance 1 decodes fastest (a fill) and is what runs of zeros need.
    isRun(src, start - 1, matchEnds[k]!) ? 1 : matchOffsets[start]!,
  );
  return { bytes, matchStarts, matchEnds, offsets };
}

function isRun(src: Uint8Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (src[i] !== src[from]) return false;
  return true;
}

/**
 * Dynamic programming over positions, exact including the length bytes of both kinds:
 *
 *   M(p) = 3 + min over i of L(i) + matchLengthBytes(p − i)        best way to p whose last item is a match
 *   L(p) = p + min over j of M(j) − j + literalLengthBytes(p − j)  best way to p, a literal run (maybe empty) last
 *
 * Length bytes grow by one every 255, so of two candidates d positions apart the newer one saves ⌊d/255⌋ or ⌈d/255⌉
 * of them, whatever p is: costs being whole numbers, one of the two is never better than the other. For L, where every
 * j stays possible, a single candidate is left. For M, match ends never decrease with i, so the i from which a match
 * reaches p are an interval that only moves right: a queue whose members each outlive the cheaper one before them.
 */
function solve(src: Uint8Array): Costs {
  const n = src.length;
  const literalStart = new Int32Array(n + 1);
  const matchStart = new Int32Array(n + 1);
  if (n <= MATCH_START_LIMIT) {
    return {
      bytes: 1 + n + literalLengthBytes(n),
      literalStart,
      matchStart,
      matchOffsets: new Uint16Array(n),
    };
  }
  const { ends, offsets } = findLongestMatches(src);
  const lastEnd = n - LAST_LITERALS;
  const lastStart = n - MATCH_START_LIMIT;

  const reached = new Int32Array(n + 1); // L
  const queue = new Int32Array(n + 1); // candidates for M, oldest first
  let head = 0;
  let tail = 0;
  let literal = 0; // the candidate for L, and its M(j) − j
  let literalValue = 0;

  for (let p = 0; p <= n; p++) {
    const i = p - MIN_MATCH;
    if (i > 0 && i <= lastStart && ends[i]! >= p) {
      const cost = reached[i]!;
      while (
        tail > head &&
        cost <= reached[queue[tail - 1]!]! + Math.floor((i - queue[tail - 1]!) / 255)
      )
        tail--;
      // What is left is cheaper for as long as it lasts.
      if (tail === head || ends[queue[tail - 1]!]! < ends[i]!) queue[tail++] = i;
    }
    while (head < tail && ends[queue[head]!]! < p) head++;

    if (p <= lastEnd && head < tail) {
      // Each member is cheaper, length bytes included, than all behind it.
      const start = queue[head]!;
      matchStart[p] = start;
      const value = reached[start]! + 3 + matchLengthBytes(p - start) - p;
      if (value <= literalValue + Math.floor((p - literal) / 255)) {
        literal = p;
        literalValue = value;
      }
    }
    literalStart[p] = literal;
    reached[p] = p + literalValue + literalLengthBytes(p - literal);
  }
  return { bytes: reached[n]! + 1, literalStart, matchStart, matchOffsets: offsets };
}
