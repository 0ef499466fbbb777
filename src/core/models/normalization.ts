/** What a file says that its network expects, as a config says it. */
import type { DatasetConfig, NormalizeConfig } from '../config/config';
import { defined } from '../util/defined';
import type { NormalizationHint } from './model';

/** Digits that single precision has: what a file says is of that at most. */
const DIGITS = 9;
/** Deviations that bytes are divided by are larger: by this one they would reach from 0 to 51. */
const LEAST_BYTES_STD = 5;

/**
 * What brings 255 beyond any usual input was made for numbers from 0 to 1, as ToTensor makes of bytes.
 *
 * @param stored what the examples are; undefined where that is not known: then so may be what they are to become
 */
export function normalizeOf(
  { mean, std }: NormalizationHint,
  stored: 'bytes' | 'numbers' | undefined,
): NormalizeConfig | undefined {
  const ofShares = Math.max(...std) < LEAST_BYTES_STD;
  if (ofShares && stored === undefined) return undefined;
  const range = ofShares && stored === 'bytes' ? ('0..1' as const) : undefined;
  return { ...defined({ range }), mean: shortest(mean), std: shortest(std) };
}

/** What a format's examples are, where it says so. */
export function storedBy(format: DatasetConfig['format']): 'bytes' | 'numbers' | undefined {
  if (format === 'images' || format === 'cifar10') return 'bytes';
  return format === 'csv' ? 'numbers' : undefined;
}

/** One number where all channels have the same. */
function shortest(values: readonly number[]): number | readonly number[] {
  const short = values.map((value) => Number(value.toPrecision(DIGITS)));
  const [first = 0] = short;
  return short.every((value) => value === first) ? first : short;
}
