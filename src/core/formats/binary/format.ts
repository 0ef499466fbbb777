/** Eight weights a byte: codes −1, 1 as bits 0 and 1, the first the lowest; 0x00 for eight zeros. */
import { packOddFields, unpackOddFields } from '../fields';
import type { Format } from '../format';

export const binary = {
  id: 'binary',
  setting: 1,
  weightsPerByte: 8,
  largestCode: 1,
  hasZero: false,
  unpacker: 'east_binary',
  pack: (codes) => packOddFields(codes, 1, 'binary'),
  unpack: (packed, count) => unpackOddFields(packed, count, 1),
} as const satisfies Format;
