/**
 * Reference int8 MAXIMUM and MINIMUM. TFLite's kernels take tensors of one scale; where scales differ here, both operands are
 * brought to the output's first, which leaves those of the same scale as they are.
 */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { UserError } from '../../util/errors';
import { elementwise, elementwiseByTable, operandQuantizations } from '../elementwise/execute';
import type { ExecuteOp } from '../execute-op';
import { MOST_SHIFT } from '../rescaled/execute';
import type { ExtremeLayer } from './graph';

/** From the distance to an operand's zero point to that of the output's. */
export function extremeFactors(
  layer: ExtremeLayer,
  model: QuantizedModel,
): readonly [FixedPointFactor, FixedPointFactor] {
  const { first, second, output } = operandQuantizations(layer, model);
  return [
    quantizeMultiplier(first.scale / output.scale),
    quantizeMultiplier(second.scale / output.scale),
  ];
}

function extremeOf(
  layer: ExtremeLayer,
  model: QuantizedModel,
): (first: number, second: number) => number {
  const { first: one, second: other, output } = operandQuantizations(layer, model);
  const [a, b] = extremeFactors(layer, model);
  const choose = layer.which === 'maximum' ? Math.max : Math.min;
  return (first, second) => {
    const x = multiplyByQuantizedMultiplier(first - one.zeroPoint, a.multiplier, a.shift);
    const y = multiplyByQuantizedMultiplier(second - other.zeroPoint, b.multiplier, b.shift);
    return clamp(choose(x, y) + output.zeroPoint, -128, 127);
  };
}

export const extreme: ExecuteOp<ExtremeLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => elementwise(layer, model, inputs, extremeOf(layer, model)),
  check: (layer, model) => {
    const { first, second, output } = operandQuantizations(layer, model);
    if (Math.max(first.scale, second.scale) >= 2 ** MOST_SHIFT * output.scale) {
      throw new UserError(
        `Layer '${layer.name}': its inputs are 2^${MOST_SHIFT} times coarser than its output.`,
      );
    }
  },
  fast: (layer, model) => elementwiseByTable(layer, model, extremeOf(layer, model)),
};
