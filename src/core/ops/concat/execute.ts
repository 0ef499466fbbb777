/**
 * Reference int8 CONCATENATION. TFLite's kernel takes inputs of the output's scale; others are brought to it here as its
 * QUANTIZE does, which leaves those of the same scale as they are.
 */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import { MOST_SHIFT } from '../rescaled/execute';
import { elements } from '../shape';
import { AXES, type ConcatLayer } from './graph';

/** How often the inputs take turns, and for how many values in a row each. */
export function turns({ along, sizes, outputShape }: ConcatLayer): {
  readonly count: number;
  readonly lengths: readonly number[];
} {
  const axis = AXES.indexOf(along);
  const inner = elements(outputShape.slice(axis + 1));
  return {
    count: elements(outputShape.slice(0, axis)),
    lengths: sizes.map((size) => size * inner),
  };
}

/** What brings each input to the output's scale; undefined for those that have it. */
export function concatFactors(
  layer: ConcatLayer,
  model: QuantizedModel,
): (FixedPointFactor | undefined)[] {
  const output = tensorOf(model, layer.name);
  return layer.inputs.map((name) => {
    const { scale, zeroPoint } = tensorOf(model, name);
    if (scale === output.scale && zeroPoint === output.zeroPoint) return undefined;
    return quantizeMultiplier(scale / output.scale);
  });
}

export const concat: ExecuteOp<ConcatLayer> = {
  quantization: 'own',
  run: (layer, model, inputs) => {
    const { count, lengths } = turns(layer);
    const { zeroPoint: outputZero } = tensorOf(model, layer.name);
    const tables = concatFactors(layer, model).map((factor, i) => {
      const { zeroPoint } = tensorOf(model, layer.inputs[i]);
      return Int8Array.from({ length: 256 }, (_, at) => {
        const code = at - 128;
        if (factor === undefined) return code;
        const { multiplier, shift } = factor;
        const scaled = multiplyByQuantizedMultiplier(code - zeroPoint, multiplier, shift);
        return clamp(scaled + outputZero, -128, 127);
      });
    });
    const output = new Int8Array(elements(layer.outputShape));
    let to = 0;
    for (let turn = 0; turn < count; turn++) {
      inputs.forEach((input, i) => {
        const length = lengths[i]!;
        for (let k = 0; k < length; k++) {
          output[to++] = tables[i]![input[turn * length + k]! + 128]!;
        }
      });
    }
    return output;
  },
  check: (layer, model) => {
    const { scale } = tensorOf(model, layer.name);
    if (layer.inputs.every((name) => tensorOf(model, name).scale < 2 ** MOST_SHIFT * scale)) return;
    throw new UserError(
      `Layer '${layer.name}': an input is 2^${MOST_SHIFT} times coarser than its output.`,
    );
  },
};
