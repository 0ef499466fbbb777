/** The arrays of files (IDX, .npy): what they say of themselves in front, before a value is read, and what is read. */
import type { Sized } from './unpack';

/** A row-major array read from a file: numbers of at least the stored precision, or texts. */
export interface StoredArray {
  /** File, and array within it where it holds several: for messages. */
  readonly file: string;
  /** `array "x" ` in an archive, else empty. */
  readonly label: string;
  readonly dimensions: readonly number[];
  readonly data: Uint8Array | Float32Array | Float64Array | readonly string[];
  /** Byte in the (unpacked) file where the element at a row-major index stands. */
  readonly offsetOf: (index: number) => number;
}

export interface ArrayHeader extends Sized {
  readonly file: string;
  /** `array "x" ` in an archive, else empty. */
  readonly label: string;
  readonly dimensions: readonly number[];
  /** The whole array, from all its bytes, as many as `total`. */
  readonly read: (bytes: Uint8Array) => StoredArray;
}

/** Looks at a header before the values are read; throws UserError where they are not wanted. */
export type Accept = (header: ArrayHeader) => void;

/** Product of the dimensions; Infinity where it is no number of values that there could be. */
export function countOf(dimensions: readonly number[]): number {
  const count = dimensions.reduce((product, n) => product * n, 1);
  return Number.isSafeInteger(count) ? count : Infinity;
}

export function isTextData(data: StoredArray['data']): data is readonly string[] {
  return Array.isArray(data);
}
