/** Scales of quantised weights: by the largest one where there are many levels, of least squared error where few. */
import type { WeightFormat } from '../quant/packing';
import { largestCode } from '../quant/packing';

/** Best step for Gaussian weights, in standard deviations, by largest code: where the search starts (Max 1960). */
const GAUSSIAN_STEP: Readonly<Record<number, number>> = { 1: 1.224, 7: 0.352 };
/** Rounds of the search; it is mostly at rest after five. */
const ROUNDS = 8;

/**
 * The scale of a channel from the magnitudes of its weights: what one step of the code is worth, 1 where all are zero.
 *
 * For few levels a local minimum of the squared error by Lloyd's method (the best scale for the codes, the best codes for
 * the scale, and so on), the better of two: from the scale that would be best for Gaussian weights, and from the one that
 * clips nothing.
 */
export function fitScale(magnitudes: Float64Array, format: WeightFormat): number {
  let largest = 0;
  let energy = 0;
  for (let i = 0; i < magnitudes.length; i++) {
    largest = Math.max(largest, magnitudes[i]!);
    energy += magnitudes[i]! * magnitudes[i]!;
  }
  const levels = largestCode(format);
  if (!(largest > 0)) return 1;
  if (format === 'int8') return largest / levels;
  const deviation = Math.sqrt(energy / magnitudes.length);
  const wide = descend(magnitudes, levels, largest / levels);
  const narrow = descend(magnitudes, levels, GAUSSIAN_STEP[levels]! * deviation);
  return narrow.gain >= wide.gain ? narrow.scale : wide.scale;
}

/** `gain`: energy less squared error, at the best scale for the last codes. */
function descend(
  magnitudes: Float64Array,
  levels: number,
  start: number,
): { scale: number; gain: number } {
  let scale = start;
  let gain = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let product = 0;
    let square = 0;
    for (let i = 0; i < magnitudes.length; i++) {
      const q = Math.min(levels, Math.floor(magnitudes[i]! / scale + 0.5));
      product += q * magnitudes[i]!;
      square += q * q;
    }
    if (square === 0) break;
    const next = product / square;
    gain = product * next;
    if (next === scale) break;
    scale = next;
  }
  return { scale, gain };
}
