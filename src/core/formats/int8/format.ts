/** One weight a byte: codes −127 … 127. Read where it lies in flash. */
import { packFields, unpackFields } from '../fields';
import type { Format } from '../format';

export const int8 = {
  id: 'int8',
  setting: 8,
  weightsPerByte: 1,
  largestCode: 127,
  hasZero: true,
  unpacker: undefined,
  pack: (codes) => packFields(codes, 8),
  unpack: (packed, count) => unpackFields(packed, count, 8),
} as const satisfies Format;
