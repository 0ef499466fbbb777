/** Reference int8 ADD of two tensors with scales of their own. */

import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { FixedPointFactor } from '../../quant/fixed-point';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import { UserError } from '../../util/errors';
import type { ExecuteOp, Step } from '../execute-op';
import { elements } from '../shape';
import type { AddLayer } from './graph';

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
function sums(
  layer: AddLayer,
  model: QuantizedModel,
  first: Int8Array,
  second: Int8Array,
): Int8Array {
  const [one, other] = [tensorOf(model, layer.inputs[0]), tensorOf(model, layer.inputs[1])];
  const out = tensorOf(model, layer.name);
  const factors = addFactors(one, other, out);
  const { min, max } = activationRange(layer.activation, out);
  const widened = (q: number, zeroPoint: number, { multiplier, shift }: FixedPointFactor): number =>
    multiplyByQuantizedMultiplier((q - zeroPoint) << ADD_LEFT_SHIFT, multiplier, shift);
  const { multiplier, shift } = factors.output;
  const output = new Int8Array(first.length);
  for (let i = 0; i < first.length; i++) {
    const sum =
      widened(first[i]!, one.zeroPoint, factors.first) +
      widened(second[i]!, other.zeroPoint, factors.second);
    const scaled = multiplyByQuantizedMultiplier(sum, multiplier, shift);
    output[i] = clamp(scaled + out.zeroPoint, min, max);
  }
  return output;
}

/** All 65,536 sums of two codes, looked up. */
function lookUp(layer: AddLayer, model: QuantizedModel): Step {
  const codes = Int8Array.from({ length: 65536 }, (_, i) => (i >> 8) - 128);
  const others = Int8Array.from({ length: 65536 }, (_, i) => (i & 255) - 128);
  const table = sums(layer, model, codes, others);
  const output = new Int8Array(elements(layer.outputShape));
  return (inputs) => {
    const [first, second] = [inputs[0]!, inputs[1]!];
    for (let i = 0; i < output.length; i++) {
      output[i] = table[((first[i]! + 128) << 8) + second[i]! + 128]!;
    }
    return output;
  };
}

export const add: ExecuteOp<AddLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => sums(layer, model, inputs[0]!, inputs[1]!),
  check: (layer, model) => {
    const scales = layer.inputs.map((name) => tensorOf(model, name).scale);
    if (2 * Math.max(...scales) >= 2 ** 20 * tensorOf(model, layer.name).scale) {
      throw new UserError(
        `Layer '${layer.name}': its inputs are 2^19 times coarser than its output.`,
      );
    }
  },
  fast: lookUp,
};
