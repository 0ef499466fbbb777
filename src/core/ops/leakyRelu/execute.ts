/** Reference int8 LEAKY_RELU. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import type { ExecuteOp } from '../execute-op';
import { byCodes, checkScales } from '../rescaled/execute';
import type { LeakyReluLayer } from './graph';

/** From a code's distance to the input's zero point to that of the output's, on either side of it. */
export interface LeakyReluFactors {
  readonly positive: FixedPointFactor;
  readonly negative: FixedPointFactor;
}

/** Products and quotients are rounded to float32, as TFLite computes them. */
export function leakyReluFactors(layer: LeakyReluLayer, model: QuantizedModel): LeakyReluFactors {
  const input = tensorOf(model, layer.inputs[0]).scale;
  const output = tensorOf(model, layer.name).scale;
  const sloped = Math.fround(input * Math.fround(layer.slope));
  return {
    positive: quantizeMultiplier(Math.fround(input / output)),
    negative: quantizeMultiplier(Math.fround(sloped / output)),
  };
}

/** For every code of the input, from −128 on, the output's. */
function outputCodes(layer: LeakyReluLayer, model: QuantizedModel): Int8Array {
  const { positive, negative } = leakyReluFactors(layer, model);
  const input = tensorOf(model, layer.inputs[0]);
  const output = tensorOf(model, layer.name);
  return Int8Array.from({ length: 256 }, (_, i) => {
    const distance = i - 128 - input.zeroPoint;
    const { multiplier, shift } = distance >= 0 ? positive : negative;
    const scaled = multiplyByQuantizedMultiplier(distance, multiplier, shift);
    return clamp(scaled + output.zeroPoint, -128, 127);
  });
}

export const leakyRelu: ExecuteOp<LeakyReluLayer> = {
  ...byCodes<LeakyReluLayer>('own', outputCodes),
  check: checkScales,
};
