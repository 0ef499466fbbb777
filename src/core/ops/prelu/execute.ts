/** Reference int8 PRELU. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { UserError } from '../../util/errors';
import { elementwise, elementwiseByTable, operandQuantizations } from '../elementwise/execute';
import type { ExecuteOp } from '../execute-op';
import { checkScales } from '../rescaled/execute';
import type { PreluLayer } from './graph';

/** From the input's distance to its zero point, or from its product with the slope's, to the output's. */
export interface PreluFactors {
  readonly positive: FixedPointFactor;
  readonly negative: FixedPointFactor;
}

/** Products and quotients of scales are rounded to float32, as TFLite computes them. */
export function preluFactors(layer: PreluLayer, model: QuantizedModel): PreluFactors {
  const { first, second, output } = operandQuantizations(layer, model);
  const sloped = Math.fround(first.scale * second.scale);
  return {
    positive: quantizeMultiplier(Math.fround(first.scale / output.scale)),
    negative: quantizeMultiplier(Math.fround(sloped / output.scale)),
  };
}

function slopedBy(
  layer: PreluLayer,
  model: QuantizedModel,
): (first: number, second: number) => number {
  const { first: input, second: slopes, output } = operandQuantizations(layer, model);
  const { positive, negative } = preluFactors(layer, model);
  return (code, slope) => {
    const distance = code - input.zeroPoint;
    const scaled =
      distance >= 0
        ? multiplyByQuantizedMultiplier(distance, positive.multiplier, positive.shift)
        : multiplyByQuantizedMultiplier(
            distance * (slope - slopes.zeroPoint),
            negative.multiplier,
            negative.shift,
          );
    return clamp(scaled + output.zeroPoint, -128, 127);
  };
}

/** Products of distances are below 2^16. */
const MOST_SHIFT = 14;

export const prelu: ExecuteOp<PreluLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => elementwise(layer, model, inputs, slopedBy(layer, model)),
  check: (layer, model) => {
    checkScales(layer, model);
    const { first, second, output } = operandQuantizations(layer, model);
    if (first.scale * second.scale >= 2 ** MOST_SHIFT * output.scale) {
      throw new UserError(
        `Layer '${layer.name}': its slopes are 2^${MOST_SHIFT} times coarser than its output.`,
      );
    }
  },
  fast: (layer, model) => elementwiseByTable(layer, model, slopedBy(layer, model)),
};
