/** Writes LZ4 blocks, of the smallest possible size or as the usual encoder does; any LZ4 block decoder reads them. */
import { literalLengthBytes, MIN_MATCH, NIBBLE_MAX } from './format';
import { greedyBytes, greedyParse } from './greedy';
import { parseBlock, parsedBytes } from './parse';

/** `optimal`: no block is smaller. `greedy`: what LZ4 gives by default elsewhere. */
export type Encoder = 'optimal' | 'greedy';

/**
 * An LZ4 block that decodes to `src` (empty allowed: one byte), the smallest one with the optimal encoder. Deterministic.
 * Time is proportional to the length, about half a microsecond per byte, whatever the bytes are.
 */
export function encodeBlock(src: Uint8Array, encoder: Encoder = 'optimal'): Uint8Array {
  const parse = encoder === 'greedy' ? greedyParse(src) : parseBlock(src);
  const { bytes, matchStarts, matchEnds, offsets } = parse;
  const block = new Uint8Array(bytes);
  let at = 0;
  let literal = 0;
  const writeLength = (length: number): void => {
    if (length < NIBBLE_MAX) return;
    let rest = length - NIBBLE_MAX;
    for (; rest >= 255; rest -= 255) block[at++] = 255;
    block[at++] = rest;
  };
  const writeLiterals = (end: number, token: number): void => {
    const count = end - literal;
    block[at++] = (Math.min(count, NIBBLE_MAX) << 4) | token;
    writeLength(count);
    block.set(src.subarray(literal, end), at);
    at += count;
  };
  for (let k = 0; k < matchStarts.length; k++) {
    const start = matchStarts[k]!;
    const extra = matchEnds[k]! - start - MIN_MATCH;
    writeLiterals(start, Math.min(extra, NIBBLE_MAX));
    block[at++] = offsets[k]! & 255;
    block[at++] = offsets[k]! >>> 8;
    writeLength(extra);
    literal = matchEnds[k]!;
  }
  writeLiterals(src.length, 0);
  if (at !== bytes)
    throw new Error(`LZ4 encoder wrote ${at} bytes where its parse counted ${bytes}`);
  return block;
}

/** `encodeBlock(src, encoder).length` without the bytes. */
export function encodedSize(src: Uint8Array, encoder: Encoder = 'optimal'): number {
  return encoder === 'greedy' ? greedyBytes(src) : parsedBytes(src);
}

/** The most bytes `encodeBlock` can need for `rawBytes` bytes: all literals. */
export function maxEncodedSize(rawBytes: number): number {
  return 1 + rawBytes + literalLengthBytes(rawBytes);
}
