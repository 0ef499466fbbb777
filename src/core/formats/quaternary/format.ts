/** Four weights a byte: codes −3, −1, 1, 3 as fields 0 to 3, the first in the lowest bits; 0x00 for four zeros. */
import { packOddFields, unpackOddFields } from '../fields';
import type { Format } from '../format';

export const quaternary = {
  id: 'quaternary',
  setting: 2,
  weightsPerByte: 4,
  largestCode: 3,
  hasZero: false,
  unpacker: 'east_quaternary',
  pack: (codes) => packOddFields(codes, 2, 'quaternary'),
  unpack: (packed, count) => unpackOddFields(packed, count, 2),
} as const satisfies Format;
