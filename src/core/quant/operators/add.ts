/** Reference int8 ADD of two tensors with scales of their own. */

import type { AddLayer } from '../../ops/add/graph';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../fixed-point';
import type { FixedPointFactor } from '../fixed-point';
import type { TensorQuantization } from '../model';
import { activationRange } from '../quantization';

/** Inputs are widened by 2^20 before they are brought to a common scale: TFLite's choice for int8. */
export const ADD_LEFT_SHIFT = 20;

export interface AddFactors {
  readonly first: FixedPointFactor;
  readonly second: FixedPointFactor;
  readonly output: FixedPointFactor;
}

/**
 * Both inputs go to twice the larger scale (so that their sum cannot overflow), the sum to the output's.
 * All three factors are below 1; the first two at most ½.
 */
export function addFactors(
  first: TensorQuantization,
  second: TensorQuantization,
  output: TensorQuantization,
): AddFactors {
  const common = 2 * Math.max(first.scale, second.scale);
  return {
    first: quantizeMultiplier(first.scale / common),
    second: quantizeMultiplier(second.scale / common),
    output: quantizeMultiplier(common / (2 ** ADD_LEFT_SHIFT * output.scale)),
  };
}

/** first, second: int8 of the same shape → output int8 of that shape. */
export function add(
  layer: AddLayer,
  first: Int8Array,
  second: Int8Array,
  firstQuantization: TensorQuantization,
  secondQuantization: TensorQuantization,
  outputQuantization: TensorQuantization,
): Int8Array {
  const factors = addFactors(firstQuantization, secondQuantization, outputQuantization);
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const widened = (q: number, zeroPoint: number, { multiplier, shift }: FixedPointFactor): number =>
    multiplyByQuantizedMultiplier((q - zeroPoint) << ADD_LEFT_SHIFT, multiplier, shift);
  const output = new Int8Array(first.length);
  for (let i = 0; i < first.length; i++) {
    const sum =
      widened(first[i]!, firstQuantization.zeroPoint, factors.first) +
      widened(second[i]!, secondQuantization.zeroPoint, factors.second);
    const scaled = multiplyByQuantizedMultiplier(
      sum,
      factors.output.multiplier,
      factors.output.shift,
    );
    output[i] = clamp(scaled + outputQuantization.zeroPoint, min, max);
  }
  return output;
}
