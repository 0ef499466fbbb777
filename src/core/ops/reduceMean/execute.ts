/** Reference int8 MEAN: the sum of distances to the zero point, times one factor that has the division in it. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import { reduce } from '../reduced/execute';
import { reducedSizes } from '../reduced/graph';
import { elements } from '../shape';
import type { ReduceMeanLayer } from './graph';

/** From the sum to the output's distance: the scales' quotient, made smaller by the number of values in whole steps. */
export function meanFactor(layer: ReduceMeanLayer, model: QuantizedModel): FixedPointFactor {
  const scales = tensorOf(model, layer.inputs[0]).scale / tensorOf(model, layer.name).scale;
  const { multiplier, shift } = quantizeMultiplier(scales);
  const count = elements(reducedSizes(layer));
  const by = Math.min(Math.floor(Math.log2(count)), 31 + shift);
  return {
    multiplier: Number((BigInt(multiplier) << BigInt(by)) / BigInt(count)),
    shift: shift - by,
  };
}

export const reduceMean: ExecuteOp<ReduceMeanLayer> = {
  quantization: 'own',
  run: (layer, model, [input]) => {
    const { multiplier, shift } = meanFactor(layer, model);
    const { zeroPoint } = tensorOf(model, layer.inputs[0]);
    const output = tensorOf(model, layer.name);
    return reduce(
      layer,
      input!,
      0,
      (sum, code) => sum + code - zeroPoint,
      (sum) => {
        const scaled = multiplyByQuantizedMultiplier(sum, multiplier, shift);
        return clamp(scaled + output.zeroPoint, -128, 127);
      },
    );
  },
  check: (layer, model) => {
    const { shift } = meanFactor(layer, model);
    const count = elements(reducedSizes(layer));
    if (count * 256 * 2 ** Math.max(shift, 0) < 2 ** 31) return;
    throw new UserError(
      `Layer '${layer.name}': the sum of ${count} values could reach beyond int32; give it fewer values, or check the ` +
        'observed range of its output.',
    );
  },
};
