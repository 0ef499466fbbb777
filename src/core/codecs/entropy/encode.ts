/**
 * Tiles of symbols by asymmetric numeral systems, with a table of their own or one that tiles share. The coder goes through
 * the symbols from the last to the first, so that the decoder meets them in their order, two at a time: what both take
 * of the state is never more than the 16 bits that the decoder then reads.
 */
import { fitTable, histogram } from './fit-table';
import { readTable, SLOTS, slotsOf, writeTable, type Slots } from './table';

/** In place of a table's first byte: the tile has none of its own. */
export const SHARED_TABLE = 255;
/** State in which the encoder begins, and the least one between two pairs. */
export const LEAST_STATE = 0x10000;

export interface Coder {
  readonly slots: Slots;
  /** What lies in front of what is coded. */
  readonly head: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const STATE_BYTES = 4;

/** With the tile's own table or, where that is no larger and it has all the symbols, with the shared one. */
export function encodeTile(symbols: Uint8Array, shared?: Uint8Array): Uint8Array {
  if (symbols.length === 0) return NOTHING;
  return [...coders(symbols, shared)]
    .map((coder) => write(symbols, coder))
    .reduce((best, next) => (next.length < best.length ? next : best));
}

/** Bytes of encodeTile. */
export function encodedSize(symbols: Uint8Array, shared?: Uint8Array): number {
  if (symbols.length === 0) return 0;
  const sizes = [...coders(symbols, shared)].map(
    ({ slots, head }) => head.length + STATE_BYTES + 2 * code(symbols, slots).words,
  );
  return Math.min(...sizes);
}

/** The table that codes all of the tiles best, as it lies in the blob; undefined where there is nothing to code. */
export function sharedTable(tiles: readonly Uint8Array[]): Uint8Array | undefined {
  const counts = new Float64Array(256);
  for (const tile of tiles) histogram(tile).forEach((n, symbol) => (counts[symbol]! += n));
  return counts.some((n) => n > 0) ? writeTable(fitTable(counts)) : undefined;
}

/** That can code the symbols; the shared one first. */
function* coders(symbols: Uint8Array, shared: Uint8Array | undefined): Generator<Coder> {
  if (shared !== undefined && shared.length > 0) {
    const slots = slotsOf(readTable(shared).shares);
    if (symbols.every((symbol) => slots.firsts[symbol]! >= 0)) {
      yield { slots, head: Uint8Array.of(SHARED_TABLE) };
    }
  }
  const own = fitTable(histogram(symbols));
  yield { slots: slotsOf(own), head: writeTable(own) };
}

/** Puts out words of 16 bits, the decoder's last ones first, where `onWord` is given. */
function code(
  symbols: Uint8Array,
  { shares, firsts }: Slots,
  onWord?: (word: number) => void,
): { readonly words: number; readonly state: number } {
  let state = LEAST_STATE;
  let words = 0;
  const put = (first: number): void => {
    const share = shares[first]!;
    const times = Math.floor(state / share);
    state = times * SLOTS + first + (state - times * share);
  };
  let i = symbols.length;
  if (i % 2 === 1) put(firsts[symbols[--i]!]!);
  while (i > 0) {
    const second = firsts[symbols[--i]!]!;
    const first = firsts[symbols[--i]!]!;
    // With both coded the state would be 2^32 or more.
    if (state >= shares[first]! * shares[second]! * 0x10000) {
      onWord?.(state & 0xffff);
      words++;
      state = Math.floor(state / 0x10000);
    }
    put(second);
    put(first);
  }
  return { words, state };
}

function write(symbols: Uint8Array, { slots, head }: Coder): Uint8Array {
  const words: number[] = [];
  const { state } = code(symbols, slots, (word) => words.push(word));
  const out = new Uint8Array(head.length + STATE_BYTES + 2 * words.length);
  const view = new DataView(out.buffer);
  out.set(head);
  view.setUint32(head.length, state, true);
  words
    .reverse()
    .forEach((word, i) => view.setUint16(head.length + STATE_BYTES + 2 * i, word, true));
  return out;
}
