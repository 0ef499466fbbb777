/** Choosing the affine int8 quantisation of a tensor, after TFLite's quantisation specification. */

import type { Normalization } from '../dataset/dataset';
import type { Activation } from '../ops/shape';
import { UserError } from '../util/errors';
import { clamp, roundHalfAwayFromZero } from './fixed-point';
import type { TensorQuantization } from './model';

export const INT8_MIN = -128;
export const INT8_MAX = 127;

/**
 * Asymmetric int8 quantisation of a tensor whose real values lie in min … max. The range is widened to contain 0 and
 * nudged so that 0 is exactly a code. Scales are float32 values, as TFLite stores them. An empty range gives scale 1.
 * Throws UserError where the range is not finite or is reversed.
 */
export function chooseQuantization(min: number, max: number): TensorQuantization {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    throw new UserError(
      `The range ${min} … ${max} of a tensor cannot be quantised: it is not finite or is reversed. ` +
        'Training has probably diverged; try a lower learning rate.',
    );
  }
  const low = Math.min(min, 0);
  const high = Math.max(max, 0);
  const scale = Math.fround((high - low) / (INT8_MAX - INT8_MIN));
  // Also a range so small that float32 cannot hold its scale: such a tensor is zero for every purpose.
  if (scale === 0) return { scale: 1, zeroPoint: 0 };
  if (!Number.isFinite(scale)) {
    throw new UserError(`The range ${min} … ${max} of a tensor is too wide to be quantised.`);
  }
  // Both ends give a zero point; the end of the smaller magnitude gives it with the smaller error.
  const exact = -low < high ? INT8_MIN - low / scale : INT8_MAX - high / scale;
  return { scale, zeroPoint: clamp(roundHalfAwayFromZero(exact), INT8_MIN, INT8_MAX) };
}

/**
 * Quantisation of the network's input. For uint8 data it is lossless: code = pixel − 128. Float data needs the range
 * observed after normalisation. Throws UserError where the normalisation does not allow it.
 */
export function inputQuantization(
  normalization: Normalization,
  observedMin?: number,
  observedMax?: number,
): TensorQuantization {
  if (normalization.kind === 'float') {
    if (observedMin === undefined || observedMax === undefined) {
      throw new Error('The input quantisation of float data needs the observed range.');
    }
    return chooseQuantization(observedMin, observedMax);
  }
  const mean = normalization.mean[0] ?? NaN;
  const std = normalization.std[0] ?? NaN;
  const whole = Number.isInteger(mean) && mean >= 0 && mean <= 255;
  if (normalization.mean.length !== 1 || normalization.std.length !== 1 || !whole || !(std > 0)) {
    throw new UserError(
      `Image data must be normalised by one whole grey level 0 … 255 and one positive standard deviation, got mean ` +
        `[${normalization.mean.join(', ')}] and std [${normalization.std.join(', ')}].`,
    );
  }
  return { scale: Math.fround(1 / std), zeroPoint: mean - 128 };
}

/** The int8 codes a fused activation clamps to (TFLite's CalculateActivationRangeQuantized). */
export function activationRange(
  activation: Activation,
  { scale, zeroPoint }: TensorQuantization,
): { min: number; max: number } {
  const min = activation === 'none' ? INT8_MIN : Math.max(INT8_MIN, zeroPoint);
  // The quotient is rounded to float32 before it is rounded to a code, as TFLite computes it in floats.
  const max =
    activation === 'relu6'
      ? Math.min(INT8_MAX, zeroPoint + roundHalfAwayFromZero(Math.fround(6 / scale)))
      : INT8_MAX;
  return { min, max };
}

/** Whether the codes of a network's input are the bytes of pixels, 128 less. */
export function isLossless(normalization: Normalization, tensor: TensorQuantization): boolean {
  if (normalization.kind !== 'uint8') return false;
  const { scale, zeroPoint } = inputQuantization(normalization);
  return scale === tensor.scale && zeroPoint === tensor.zeroPoint;
}
