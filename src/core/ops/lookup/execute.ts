/**
 * Functions of one number, as TFLite's reference kernels have them for int8: the function in float32, rounded to codes once
 * for each of the 256 codes.
 */
import { clamp, roundHalfAwayFromZero } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import type { LayerBase } from '../layer';

/** @param real the function, rounded to float32 as TFLite computes it */
export function lookupCodes(
  layer: LayerBase,
  model: QuantizedModel,
  real: (x: number) => number,
): Int8Array {
  const input = tensorOf(model, layer.inputs[0]);
  const output = tensorOf(model, layer.name);
  const inverse = Math.fround(1 / output.scale);
  return Int8Array.from({ length: 256 }, (_, i) => {
    const x = Math.fround(Math.fround(input.scale) * (i - 128 - input.zeroPoint));
    const rescaled = roundHalfAwayFromZero(Math.fround(Math.fround(real(x)) * inverse));
    return clamp(rescaled + output.zeroPoint, -128, 127);
  });
}
