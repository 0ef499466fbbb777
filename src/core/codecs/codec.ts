/**
 * The contract of a codec: a way in which a tile's weights lie in flash. Adding one: docs/adding.md.
 *
 * A codec works on *symbols*, one byte each: bytes of packed weights, or the codes of single weights (in two's
 * complement). What the selection keeps or zeroes is a symbol, so a codec of weights can have single zeros where one of
 * packed bytes has zeros by the byte. The symbol 0 stands for zero weights.
 */
import type { CodecOptions } from './options';
import type { CodecPrices } from './prices';

export interface Codec {
  /** How files and reports call it. */
  readonly id: string;
  /** What a blob of version 2 calls it: 0 … 255, never given to another one. */
  readonly number: number;
  readonly symbols: 'packed bytes' | 'weights';
  /** The bytes to store. Deterministic. */
  encode(symbols: Uint8Array, options: CodecOptions): Uint8Array;
  /** `encode(symbols, options).length`, which a selection asks for often. */
  size(symbols: Uint8Array, options: CodecOptions): number;
  /**
   * Exactly `count` symbols, whatever the bytes are: throws UserError where they do not hold as many, or are not what
   * `encode` could have written for any.
   */
  decode(stored: Uint8Array, count: number, options: CodecOptions): Uint8Array;
  /** The table that tiles of these symbols would best share; undefined or absent where there is none to share. */
  tableFor?(tiles: readonly Uint8Array[]): Uint8Array | undefined;
  readonly prices: CodecPrices;
}
