/** An entropy-coded tile for the weight map: runs of symbols that cost alike. */
import type { Segment } from '../segment';
import { decodeTile, tileTable } from './decode';
import { SLOTS } from './table';

/** A run of zeros so long is shown as one. */
const LEAST_RUN = 4;

/** Runs of zeros, and what lies between them. */
export function segments(stored: Uint8Array, count: number, table?: Uint8Array): Segment[] {
  const symbols = decodeTile(stored, count, table);
  const found: Segment[] = [];
  let start = 0;
  const add = (kind: Segment['kind'], end: number): void => {
    if (end > start) found.push({ kind, symbols: end - start, offset: 0 });
    start = end;
  };
  for (let i = 0; i < count;) {
    let end = i;
    while (end < count && symbols[end] === 0) end++;
    if (end - i >= LEAST_RUN) {
      add('coded', i);
      add('zeros', end);
    }
    i = Math.max(end, i + 1);
  }
  add('coded', count);
  return found;
}

/** What a symbol costs follows from its share of the slots. */
export function codeLengths(stored: Uint8Array, table?: Uint8Array): Float32Array<ArrayBuffer> {
  const { shares, firsts } = tileTable(stored, table).slots;
  return Float32Array.from(firsts, (first) => (first < 0 ? 0 : Math.log2(SLOTS / shares[first]!)));
}
