/** What a file says that its network expects, as a config says it. */
import type { NormalizeConfig } from '../config/config';
import type { NormalizationHint } from './model';

/** Digits that single precision has: what a file says is of that at most. */
const DIGITS = 9;

export function normalizeOf({ mean, std }: NormalizationHint): NormalizeConfig {
  return { mean: shortest(mean), std: shortest(std) };
}

/** One number where all channels have the same. */
function shortest(values: readonly number[]): number | readonly number[] {
  const short = values.map((value) => Number(value.toPrecision(DIGITS)));
  const [first = 0] = short;
  return short.every((value) => value === first) ? first : short;
}
