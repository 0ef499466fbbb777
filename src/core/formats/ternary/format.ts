/**
 * Five weights a byte: codes −1, 0, 1. With digits 0, 1 and 2 for 0, 1 and −1, the first the most significant,
 * v = Σ digit · 3^(4 − i), the byte is ⌈v · 256 / 243⌉, so that a digit is what tripling the byte carries over 256.
 */
import type { Format } from '../format';

const PER_BYTE = 5;

export const ternary = {
  id: 'ternary',
  setting: 'ternary',
  weightsPerByte: PER_BYTE,
  largestCode: 1,
  hasZero: true,
  unpacker: 'east_ternary',
  pack(codes) {
    const packed = new Uint8Array(Math.ceil(codes.length / PER_BYTE));
    for (let byte = 0, i = 0; byte < packed.length; byte++, i += PER_BYTE) {
      let value = 0;
      for (let k = i; k < i + PER_BYTE; k++) value = 3 * value + digitOf(codes[k] ?? 0);
      packed[byte] = Math.ceil((value * 256) / 243);
    }
    return packed;
  },
  unpack(packed, count) {
    const codes = new Int8Array(count);
    for (let byte = 0, i = 0; byte < packed.length; byte++) {
      let rest = packed[byte]!;
      for (const end = Math.min(count, i + PER_BYTE); i < end; i++) {
        rest *= 3;
        const digit = rest >> 8;
        codes[i] = digit === 2 ? -1 : digit;
        rest &= 255;
      }
    }
    return codes;
  },
} as const satisfies Format;

function digitOf(code: number): number {
  return code < 0 ? 2 : code;
}
