/** Two weights a byte: codes −7 … 7 in two's complement, the first in the low bits. */
import { packFields, unpackFields } from '../fields';
import type { Format } from '../format';

export const int4 = {
  id: 'int4',
  setting: 4,
  weightsPerByte: 2,
  largestCode: 7,
  hasZero: true,
  unpacker: 'east_int4',
  pack: (codes) => packFields(codes, 4),
  unpack: (packed, count) => unpackFields(packed, count, 4),
} as const satisfies Format;
