/** An LZ4 block taken apart: what a person wants to see of it, where a decoder only wants its bytes. */
import { decodeBlock } from './decode';
import { MIN_MATCH, NIBBLE_MAX } from './format';

export interface Sequences {
  /** Three numbers each: literals, bytes of the match behind them, its distance back. The last has literals only. */
  readonly sequences: Uint32Array<ArrayBuffer>;
  /** The literals of all sequences. */
  readonly literals: Uint8Array<ArrayBuffer>;
}

/** Throws UserError where the block is malformed or does not hold `rawBytes` bytes. */
export function readSequences(block: Uint8Array, rawBytes: number): Sequences {
  // Checks everything that the loop below relies on.
  decodeBlock(block, rawBytes);
  const triples: number[] = [];
  const literals = new Uint8Array(block.length);
  let filled = 0;
  let at = 0;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble < NIBBLE_MAX) return length;
    for (;;) {
      const byte = block[at++]!;
      length += byte;
      if (byte !== 255) return length;
    }
  };
  for (;;) {
    const token = block[at++]!;
    const count = readLength(token >>> 4);
    literals.set(block.subarray(at, at + count), filled);
    filled += count;
    at += count;
    if (at === block.length) {
      triples.push(count, 0, 0);
      return { sequences: Uint32Array.from(triples), literals: literals.slice(0, filled) };
    }
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    triples.push(count, readLength(token & 15) + MIN_MATCH, offset);
  }
}
