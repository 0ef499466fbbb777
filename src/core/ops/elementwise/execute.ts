/** Reference loops over two operands, element by element. */
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { constantOf } from '../../quant/constants';
import type { Step } from '../execute-op';
import type { LayerBase } from '../layer';
import { elements } from '../shape';
import { OPERAND, operandShape, walkOver, type Operands, type Walk } from './graph';

/** A layer of one of the kinds that have operands. */
export type OperandsLayer = LayerBase & Operands;

/** Quantisations of both operands, the larger first, and of the output. */
export function operandQuantizations(
  layer: OperandsLayer,
  model: QuantizedModel,
): Record<'first' | 'second' | 'output', TensorQuantization> {
  return {
    first: tensorOf(model, layer.inputs[0]),
    second:
      layer.constant === undefined
        ? tensorOf(model, layer.inputs[1])
        : constantOf(model, layer, OPERAND).quantization,
    output: tensorOf(model, layer.name),
  };
}

export function operandWalk(layer: OperandsLayer): Walk {
  const walk = walkOver(operandShape(layer), layer.outputShape);
  if (walk === undefined) throw new Error(`${layer.name} has operands that do not fit`);
  return walk;
}

/** `compute` for every element; the first operand's code comes first. */
export function elementwise(
  layer: OperandsLayer,
  model: QuantizedModel,
  inputs: readonly Int8Array[],
  compute: (first: number, second: number) => number,
): Int8Array {
  const { period, repeat } = operandWalk(layer);
  const first = inputs[0]!;
  const second =
    layer.constant === undefined ? inputs[1]! : constantOf(model, layer, OPERAND).values;
  const output = new Int8Array(elements(layer.outputShape));
  for (let i = 0; i < output.length; i++) {
    output[i] = compute(first[i]!, second[Math.floor(i / repeat) % period]!);
  }
  return output;
}

/** The same, by a table of all pairs of codes. */
export function elementwiseByTable(
  layer: OperandsLayer,
  model: QuantizedModel,
  compute: (first: number, second: number) => number,
): Step {
  const table = Int8Array.from({ length: 65536 }, (_, i) =>
    compute((i >> 8) - 128, (i & 255) - 128),
  );
  const { period, repeat } = operandWalk(layer);
  const constant =
    layer.constant === undefined ? undefined : constantOf(model, layer, OPERAND).values;
  const output = new Int8Array(elements(layer.outputShape));
  return (inputs) => {
    const first = inputs[0]!;
    const second = constant ?? inputs[1]!;
    for (let i = 0; i < output.length;) {
      for (let p = 0; p < period; p++) {
        const code = second[p]! + 128;
        for (let r = 0; r < repeat; r++, i++) output[i] = table[((first[i]! + 128) << 8) + code]!;
      }
    }
    return output;
  };
}
