import {
  avoidZeroBytes,
  hasZero,
  largestCode,
  weightsPerByte,
} from '../../../src/core/formats/packing';
import type { WeightFormat } from '../../../src/core/formats/formats';
import { createRandom } from '../../../src/core/util/random';

/** Codes that the format can store, with a random share of zeros. */
export function randomCodes(count: number, format: WeightFormat, seed: number): Int8Array {
  const random = createRandom(seed);
  const largest = largestCode(format);
  const zeros = random.next();
  if (hasZero(format)) {
    return Int8Array.from({ length: count }, () =>
      random.next() < zeros ? 0 : random.int(2 * largest + 1) - largest,
    );
  }
  const codes = Int8Array.from({ length: count }, () => 2 * random.int(largest + 1) - largest);
  const perByte = weightsPerByte(format);
  for (let i = 0; i < count; i += perByte) {
    if (random.next() < zeros) codes.fill(0, i, i + perByte);
  }
  avoidZeroBytes(codes, [count], format);
  return codes;
}
