/**
 * The integers of the front ends' C, in doubles that hold them exactly: no value on the way has more than 53 bits. What C
 * keeps in 64 bits and more is split in two here (`Wide`).
 */

/** Fraction bits of a logarithm to the base 2, and so of most features. */
export const LOG_BITS = 10;
/** Entries of the table of log2(1 + i / 32), Q15, the last one 1. */
export const LOG_ENTRIES = 33;

const SPLIT = 2 ** 26;

/** high · 2²⁶ + low, as sums that are not carried over yet. */
export interface Wide {
  readonly high: number;
  readonly low: number;
}

export function logTable(): Uint16Array {
  return Uint16Array.from({ length: LOG_ENTRIES }, (_, i) =>
    Math.round(32768 * Math.log2(1 + i / (LOG_ENTRIES - 1))),
  );
}

const TABLE = logTable();

/** log2 of a whole number below 2⁵³, Q10 of the largest power of two in it and 16 bits behind; 0 of 0. */
export function fixedLog2(value: number): number {
  if (value < 1) return 0;
  const exponent = exponentOf(value);
  // The bits behind the first one: cut off where there are more than 16.
  const scaled =
    exponent >= 16 ? Math.floor(value / 2 ** (exponent - 16)) : value * 2 ** (16 - exponent);
  const fraction = scaled - 65536;
  const entry = fraction >> 11;
  const rest = fraction & 2047;
  const from = TABLE[entry]!;
  const sum = from * 2048 + (TABLE[entry + 1]! - from) * rest;
  return exponent * 2 ** LOG_BITS + ((sum + 32768) >> 16);
}

/** As fixedLog2, of a number of up to 64 bits. */
export function fixedLog2Wide({ high, low }: Wide): number {
  const carried = high + Math.floor(low / SPLIT);
  // Only the first 17 bits count.
  if (carried >= 2 ** 17) return fixedLog2(carried) + 26 * 2 ** LOG_BITS;
  return fixedLog2(carried * SPLIT + (low - Math.floor(low / SPLIT) * SPLIT));
}

/** A whole number below 2⁵³, in two. */
export function highPart(value: number): number {
  return Math.floor(value / SPLIT);
}

export function lowPart(value: number): number {
  return value - Math.floor(value / SPLIT) * SPLIT;
}

function exponentOf(value: number): number {
  return value >= 2 ** 32 ? 63 - Math.clz32(value / 2 ** 32) : 31 - Math.clz32(value);
}
