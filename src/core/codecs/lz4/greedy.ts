/**
 * LZ4 as nearly everybody runs it: the reference implementation's default compression, which takes the first match it
 * meets. What a network costs with it is what other tools would make of its weights (`east.encoder` of the config).
 */
import {
  LAST_LITERALS,
  literalLengthBytes,
  MATCH_START_LIMIT,
  matchLengthBytes,
  MAX_OFFSET,
  MIN_MATCH,
} from './format';
import type { Parse } from './parse';

/** Positions by the hash of four bytes; the size decides which matches are found. Reused: selections encode often. */
const table = new Int32Array(1 << 13);
/** Inputs from here on get half the entries, as the reference's then hold larger numbers. */
const LARGE_INPUT = 65_536 + 11;
/** After 2⁶ vain attempts in a row every second position is tried, after as many more every third, and so on. */
const SKIP_TRIGGER = 6;

type OnMatch = (start: number, end: number, offset: number) => void;

/** Bytes of the block that `greedyParse` describes, without keeping where its matches are. */
export function greedyBytes(src: Uint8Array): number {
  return search(src, undefined);
}

/** The sequences that LZ4_compress_default finds (on a 32-bit machine, for inputs of 64 KiB and more). Deterministic. */
export function greedyParse(src: Uint8Array): Parse {
  const starts: number[] = [];
  const ends: number[] = [];
  const offsets: number[] = [];
  const bytes = search(src, (start, end, offset) => {
    starts.push(start);
    ends.push(end);
    offsets.push(offset);
  });
  return {
    bytes,
    matchStarts: Int32Array.from(starts),
    matchEnds: Int32Array.from(ends),
    offsets: Uint16Array.from(offsets),
  };
}

function search(src: Uint8Array, onMatch: OnMatch | undefined): number {
  const n = src.length;
  const lastStart = n - MATCH_START_LIMIT;
  let bytes = 0;
  let literal = 0; // where the literals not yet written start
  if (lastStart > 0) {
    const shift = n < LARGE_INPUT ? 19 : 20;
    table.fill(0);
    const word = (i: number): number =>
      src[i]! | (src[i + 1]! << 8) | (src[i + 2]! << 16) | (src[i + 3]! << 24);
    const enter = (i: number): number => {
      const hash = Math.imul(word(i), 0x9e3779b1) >>> shift;
      const before = table[hash]!;
      table[hash] = i;
      return before;
    };
    const matches = (from: number, i: number): boolean =>
      i - from <= MAX_OFFSET && from < i && word(from) === word(i);

    let i = 1; // position 0 is what an empty entry of the table means
    for (;;) {
      let next = i;
      let step = 1;
      let attempts = 1 << SKIP_TRIGGER;
      let from: number;
      do {
        i = next;
        next += step;
        step = attempts++ >> SKIP_TRIGGER;
        if (next > lastStart + 1) return bytes + 1 + n - literal + literalLengthBytes(n - literal);
        from = enter(i);
      } while (!matches(from, i));
      while (i > literal && from > 0 && src[i - 1] === src[from - 1]) {
        i--;
        from--;
      }
      do {
        let end = i + MIN_MATCH;
        while (end < n - LAST_LITERALS && src[end] === src[from + end - i]) end++;
        onMatch?.(i, end, i - from);
        bytes += 3 + i - literal + literalLengthBytes(i - literal) + matchLengthBytes(end - i);
        literal = end;
        i = end;
        if (i > lastStart) return bytes + 1 + n - literal + literalLengthBytes(n - literal);
        enter(i - 2);
        from = enter(i);
      } while (matches(from, i));
      i++;
    }
  }
  return bytes + 1 + n - literal + literalLengthBytes(n - literal);
}
