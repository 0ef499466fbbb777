/** Symmetric per-channel int8 weights, as TFLite's quantisation specification asks for them. */

import { UserError } from '../util/errors';
import { clamp, roundHalfAwayFromZero } from './fixed-point';

/** Weights use −127 … 127, so that they are symmetric and a kernel may negate them. */
export const WEIGHT_MAX = 127;

export interface QuantizedWeights {
  /** int8 in −127 … 127, same order as the weights. */
  readonly values: Int8Array;
  /** One positive float32 value per channel. */
  readonly scales: Float64Array;
}

/**
 * Largest magnitude of each channel ÷ 127 becomes its scale; values are rounded half away from zero. A channel without
 * a weight that float32 can scale gets scale 1 and zeros. Throws UserError for a weight that is not finite.
 */
export function quantizeWeights(
  weights: Float32Array,
  channelOf: (index: number) => number,
  channels: number,
): QuantizedWeights {
  const peak = new Float64Array(channels);
  for (let i = 0; i < weights.length; i++) {
    const magnitude = Math.abs(weights[i]!);
    if (!Number.isFinite(magnitude)) {
      throw new UserError(
        `Weight ${i} is ${weights[i]}: training has diverged; try a lower learning rate.`,
      );
    }
    const channel = channelOf(i);
    if (magnitude > peak[channel]!) peak[channel] = magnitude;
  }
  const scales = peak.map((magnitude) => Math.fround(magnitude / WEIGHT_MAX) || 1);
  return { values: quantizeWithScales(weights, channelOf, scales), scales };
}

/** int8 = round half away (weight ÷ its channel's scale), saturated to −127 … 127. Scales must be positive. */
export function quantizeWithScales(
  weights: Float32Array,
  channelOf: (index: number) => number,
  scales: Float64Array,
): Int8Array {
  const values = new Int8Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const q = roundHalfAwayFromZero(weights[i]! / scales[channelOf(i)]!);
    values[i] = clamp(q, -WEIGHT_MAX, WEIGHT_MAX);
  }
  return values;
}
