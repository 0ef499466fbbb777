/** Numbers of the LZ4 block format (lz4_Block_format.md of the reference implementation) that encoder and decoder share. */

/** A sequence's match covers at least this many bytes. */
export const MIN_MATCH = 4;
/** Largest distance a match may point back. */
export const MAX_OFFSET = 65_535;
/** The last bytes of a block are literals. */
export const LAST_LITERALS = 5;
/** A match starts at least this many bytes before the end of the block. */
export const MATCH_START_LIMIT = 12;
/** A token's nibble of 15 says that length bytes follow. */
export const NIBBLE_MAX = 15;

/** Length bytes behind the token for a literal run of `length` bytes. */
export function literalLengthBytes(length: number): number {
  return length < NIBBLE_MAX ? 0 : 1 + Math.floor((length - NIBBLE_MAX) / 255);
}

/** Length bytes behind the offset for a match of `length` ≥ 4 bytes. */
export function matchLengthBytes(length: number): number {
  return literalLengthBytes(length - MIN_MATCH);
}
