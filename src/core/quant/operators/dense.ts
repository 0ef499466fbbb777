/** Reference int8 FULLY_CONNECTED with per-channel weight scales. */

import type { DenseLayer } from '../../ops/dense/graph';
import { clamp, multiplyByQuantizedMultiplier } from '../fixed-point';
import type { QuantizedLayer, TensorQuantization } from '../model';
import { activationRange } from '../quantization';

/** input [inputs] (any shape, read as it lies), weights [units, inputs] → output [units], all int8. */
export function dense(
  layer: DenseLayer,
  { weights, bias, multiplier, shift }: QuantizedLayer,
  input: Int8Array,
  inputQuantization: TensorQuantization,
  outputQuantization: TensorQuantization,
): Int8Array {
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const output = new Int8Array(layer.units);
  for (let o = 0; o < layer.units; o++) {
    let sum = bias[o]!;
    for (let i = 0; i < input.length; i++) {
      sum += (input[i]! - inputQuantization.zeroPoint) * weights[o * input.length + i]!;
    }
    const scaled = multiplyByQuantizedMultiplier(sum, multiplier[o]!, shift[o]!);
    output[o] = clamp(scaled + outputQuantization.zeroPoint, min, max);
  }
  return output;
}
