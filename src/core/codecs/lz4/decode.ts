/** Reads LZ4 blocks and trusts nothing: what it accepts, every other conforming decoder accepts too. */
import { UserError } from '../../util/errors';
import { LAST_LITERALS, MATCH_START_LIMIT, MIN_MATCH, NIBBLE_MAX } from './format';

/**
 * The `rawBytes` bytes that `block` holds. Throws a UserError that names the byte of the block where it is malformed:
 * cut short, bytes left over, another length than `rawBytes`, an offset of 0 or before the start, or a match closer
 * to the end than the format allows.
 */
export function decodeBlock(block: Uint8Array, rawBytes: number): Uint8Array {
  if (!Number.isInteger(rawBytes) || rawBytes < 0) {
    throw new RangeError(`rawBytes must be a whole number ≥ 0, not ${rawBytes}`);
  }
  const out = new Uint8Array(rawBytes);
  let at = 0;
  let filled = 0;
  const fail = (what: string): never => {
    throw new UserError(
      `damaged LZ4 block: ${what} at byte ${at} of ${block.length} (${filled} of ${rawBytes} bytes decoded); write it again from its source`,
    );
  };
  const nextByte = (): number => (at < block.length ? block[at++]! : fail('cut short'));
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble !== NIBBLE_MAX) return length;
    for (;;) {
      const byte = nextByte();
      length += byte;
      if (byte !== 255) return length;
    }
  };

  for (;;) {
    const token = nextByte();
    const literals = readLength(token >>> 4);
    if (literals > block.length - at) fail(`${literals} literals, but the block is cut short`);
    if (literals > rawBytes - filled) fail(`${literals} literals overflow the output`);
    out.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at === block.length) {
      if (filled !== rawBytes) fail('too few bytes');
      if ((token & 15) !== 0) fail('the last token announces a match');
      return out;
    }

    const offset = nextByte() | (nextByte() << 8);
    if (offset === 0) fail('offset 0');
    if (offset > filled) fail(`offset ${offset} points before the start`);
    const length = readLength(token & 15) + MIN_MATCH;
    if (filled > rawBytes - MATCH_START_LIMIT || length > rawBytes - LAST_LITERALS - filled) {
      fail(`a match of ${length} bytes too close to the end`);
    }
    for (const end = filled + length; filled < end; filled++) out[filled] = out[filled - offset]!;
  }
}
