/** LZ4 blocks as lz4js decodes them, which shares no line with the encoder here: the second opinion on what is written. */
import lz4js from 'lz4js';

/** @param block well-formed: lz4js does not look for damage */
export function decodeByLz4js(block: Uint8Array, bytes: number): Uint8Array {
  // One byte more than wanted, so that one too many is seen.
  const out = new Uint8Array(bytes + 1);
  const written = lz4js.decompressBlock(block, out, 0, block.length, 0);
  return out.subarray(0, Math.min(written, out.length));
}
