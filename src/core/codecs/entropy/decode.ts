/** The decoder, plainly: the slow twin of east_read_entropy.c, which accepts and refuses the same bytes. */
import { LEAST_STATE, SHARED_TABLE } from './encode';
import { damaged, readTable, SLOTS, slotsOf, type Slots } from './table';

/** The table of a tile that has any symbols, and where it goes on behind it. Throws UserError where it has none. */
export function tileTable(
  stored: Uint8Array,
  shared: Uint8Array | undefined,
): { readonly slots: Slots; readonly start: number } {
  if (stored[0] === SHARED_TABLE) {
    return { slots: slotsOf(readTable(shared ?? new Uint8Array(0)).shares), start: 1 };
  }
  const { shares, taken } = readTable(stored);
  return { slots: slotsOf(shares), start: taken };
}

/** Exactly `count` symbols. Throws UserError where the bytes are not what some encoder has written for as many. */
export function decodeTile(stored: Uint8Array, count: number, shared?: Uint8Array): Uint8Array {
  const symbols = new Uint8Array(count);
  if (stored.length === 0 || count === 0) {
    if (stored.length === count) return symbols;
    throw damaged(count === 0 ? 'it has bytes, but no weights' : 'it is empty');
  }
  const { slots, start } = tileTable(stored, shared);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  let at = start + 4;
  if (at > stored.length || (stored.length - at) % 2 !== 0) throw damaged('it is cut short');
  let state = view.getUint32(start, true);
  for (let i = 0; i < count; i++) {
    const slot = state % SLOTS;
    symbols[i] = slots.symbols[slot]!;
    state = slots.shares[slot]! * Math.floor(state / SLOTS) + slots.places[slot]!;
    if (i % 2 === 1 && state < LEAST_STATE) {
      if (at === stored.length) throw damaged('it is cut short');
      state = state * 0x10000 + view.getUint16(at, true);
      at += 2;
    }
  }
  if (state !== LEAST_STATE) throw damaged('it does not end where it began');
  if (at !== stored.length) throw damaged('bytes lie behind its last weight');
  return symbols;
}
