/** Reference QUANTIZE from int8 to int8. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import type { RequantizeLayer } from './graph';

/** From a code's distance to the input's zero point to that of the output's. */
export function requantizeFactor(layer: RequantizeLayer, model: QuantizedModel): FixedPointFactor {
  return quantizeMultiplier(
    tensorOf(model, layer.inputs[0]).scale / tensorOf(model, layer.name).scale,
  );
}

/** Distances of codes are below 2^8: shifted to the left by as much as this they stay int32. */
const MOST_SHIFT = 22;

/** For every code of the input, from −128 on, the output's. */
function outputCodes(layer: RequantizeLayer, model: QuantizedModel): Int8Array {
  const { multiplier, shift } = requantizeFactor(layer, model);
  const input = tensorOf(model, layer.inputs[0]);
  const output = tensorOf(model, layer.name);
  return Int8Array.from({ length: 256 }, (_, i) => {
    const distance = i - 128 - input.zeroPoint;
    const scaled = multiplyByQuantizedMultiplier(distance, multiplier, shift);
    return clamp(scaled + output.zeroPoint, -128, 127);
  });
}

export const requantize: ExecuteOp<RequantizeLayer> = {
  quantization: 'own',
  run: (layer, model, [input]) => {
    const codes = outputCodes(layer, model);
    return input!.map((code) => codes[code + 128]!);
  },
  check: (layer, model) => {
    const { scale } = tensorOf(model, layer.inputs[0]);
    if (scale >= 2 ** MOST_SHIFT * tensorOf(model, layer.name).scale) {
      throw new UserError(
        `Layer '${layer.name}': its input is 2^${MOST_SHIFT} times coarser than its output.`,
      );
    }
  },
  fast: (layer, model) => {
    const codes = outputCodes(layer, model);
    const output = new Int8Array(elements(layer.outputShape));
    return ([input]) => {
      for (let i = 0; i < output.length; i++) output[i] = codes[input![i]! + 128]!;
      return output;
    };
  },
};
