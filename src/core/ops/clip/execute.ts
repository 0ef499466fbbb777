/** Reference int8 QUANTIZE from int8, and RELU, RELU6 and RELU_N1_TO_1 where scales differ. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import {
  clamp,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundHalfAwayFromZero,
} from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import type { ExecuteOp } from '../execute-op';
import type { LayerBase } from '../layer';
import { byCodes, checkScales } from '../rescaled/execute';
import type { ClipLayer } from './graph';

/** Another scale, and bounds where there are any. */
export type Clipping = LayerBase & Pick<ClipLayer, 'min' | 'max'>;

export interface Clip {
  readonly factor: FixedPointFactor;
  readonly low: number;
  readonly high: number;
}

export function clipOf({ name, inputs, min, max }: Clipping, model: QuantizedModel): Clip {
  const input = tensorOf(model, inputs[0]);
  const output = tensorOf(model, name);
  const code = (bound: number): number =>
    clamp(output.zeroPoint + roundHalfAwayFromZero(Math.fround(bound / output.scale)), -128, 127);
  return {
    factor: quantizeMultiplier(input.scale / output.scale),
    low: min === undefined ? -128 : code(min),
    high: max === undefined ? 127 : code(max),
  };
}

function codesOf(layer: Clipping, model: QuantizedModel): Int8Array {
  const { factor, low, high } = clipOf(layer, model);
  const input = tensorOf(model, layer.inputs[0]);
  const output = tensorOf(model, layer.name);
  return Int8Array.from({ length: 256 }, (_, i) => {
    const distance = i - 128 - input.zeroPoint;
    const scaled = multiplyByQuantizedMultiplier(distance, factor.multiplier, factor.shift);
    return clamp(scaled + output.zeroPoint, low, high);
  });
}

export function clippedByCodes<L extends Clipping>(): ExecuteOp<L> {
  return { ...byCodes<L>('own', codesOf), check: checkScales };
}

export const clip: ExecuteOp<ClipLayer> = clippedByCodes<ClipLayer>();
