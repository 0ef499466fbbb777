/** What the kernels of two operands are given. */
import { braces } from '../../firmware/c-text';
import type { QuantizedModel } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import type { EmitOp, Placed } from '../emit-op';
import { elements } from '../shape';
import { operandQuantizations, operandWalk, type OperandsLayer } from './execute';
import { OPERAND } from './graph';
import { sumFactors, type Signs, type SumLayer } from './sums-execute';

/** Initialiser of struct east_operand. */
export function operandValues(layer: OperandsLayer, { offsetOf, table }: Placed): string {
  const { period, repeat } = operandWalk(layer);
  const constant = layer.constant !== undefined;
  return braces(
    constant ? table(OPERAND) : 'NULL',
    constant ? 0 : offsetOf(layer.inputs[1]),
    elements(layer.outputShape),
    period,
    repeat,
  );
}

/** The kernel for a constant or a repeated operand, and for differences. */
export function emitSum<L extends SumLayer>(signsOf: (layer: L) => Signs): EmitOp<L> {
  return {
    kernel: 'east_sum',
    header: 'east_sum',
    params: {
      struct: 'east_sum_params',
      values: (layer, placed) =>
        braces(
          operandValues(layer, placed),
          ...factorValues(layer, placed.model),
          braces(...signsOf(layer)),
          ...activationValues(layer, placed),
        ),
    },
    output: 'over',
    dimensions: () => [],
  };
}

/** Multipliers, shifts and zero points of both operands and the output. */
export function factorValues(layer: SumLayer, model: QuantizedModel): string[] {
  const { first, second, output } = operandQuantizations(layer, model);
  const factors = sumFactors(first, second, output);
  const all = [factors.first, factors.second, factors.output];
  return [
    braces(...all.map(({ multiplier }) => multiplier)),
    braces(...all.map(({ shift }) => shift)),
    braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
  ];
}

export function activationValues(layer: SumLayer, { model }: Placed): number[] {
  const { min, max } = activationRange(layer.activation, operandQuantizations(layer, model).output);
  return [min, max];
}
