/** Reference int8 MUL. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import { UserError } from '../../util/errors';
import { elementwise, elementwiseByTable, operandQuantizations } from '../elementwise/execute';
import type { ExecuteOp } from '../execute-op';
import type { MulLayer } from './graph';

/** From a product of two distances to zero points to the output's. The scales are multiplied in double, as TFLite does. */
export function mulFactor(layer: MulLayer, model: QuantizedModel): FixedPointFactor {
  const { first, second, output } = operandQuantizations(layer, model);
  return quantizeMultiplier((first.scale * second.scale) / output.scale);
}

/** Products of distances are below 2^16: shifted to the left by as much as this they stay int32. */
const MOST_SHIFT = 14;

function productOf(
  layer: MulLayer,
  model: QuantizedModel,
): (first: number, second: number) => number {
  const { first: one, second: other, output } = operandQuantizations(layer, model);
  const { multiplier, shift } = mulFactor(layer, model);
  const { min, max } = activationRange(layer.activation, output);
  return (first, second) => {
    const product = (first - one.zeroPoint) * (second - other.zeroPoint);
    const scaled = multiplyByQuantizedMultiplier(product, multiplier, shift);
    return clamp(scaled + output.zeroPoint, min, max);
  };
}

export const mul: ExecuteOp<MulLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => elementwise(layer, model, inputs, productOf(layer, model)),
  check: (layer, model) => {
    const { first, second, output } = operandQuantizations(layer, model);
    if (first.scale * second.scale >= 2 ** MOST_SHIFT * output.scale) {
      throw new UserError(
        `Layer '${layer.name}': its products are 2^${MOST_SHIFT} times coarser than its output.`,
      );
    }
  },
  fast: (layer, model) => elementwiseByTable(layer, model, productOf(layer, model)),
};
