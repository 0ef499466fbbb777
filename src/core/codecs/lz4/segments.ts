/** An LZ4 block taken apart: what a person wants to see of it, where a decoder only wants its bytes. */
import type { Segment } from '../segment';
import { decodeBlock } from './decode';
import { MIN_MATCH, NIBBLE_MAX } from './format';

/** Literals and matches by turns; a match that yields nothing but zeros is called so. */
export function segments(block: Uint8Array, decodedBytes: number): Segment[] {
  // Checks everything that the loop below relies on.
  const bytes = decodeBlock(block, decodedBytes);
  const found: Segment[] = [];
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
    const literals = readLength(token >>> 4);
    if (literals > 0) found.push({ kind: 'literal', symbols: literals, offset: 0 });
    at += literals;
    filled += literals;
    if (at === block.length) return found;
    const offset = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const symbols = readLength(token & 15) + MIN_MATCH;
    const zeros = bytes.subarray(filled, filled + symbols).every((byte) => byte === 0);
    found.push({ kind: zeros ? 'zeros' : 'match', symbols, offset });
    filled += symbols;
  }
}
