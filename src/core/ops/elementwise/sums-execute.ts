/** Reference int8 ADD and SUB of two operands with scales of their own. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { clamp, multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import { UserError } from '../../util/errors';
import type { Activation } from '../shape';
import { operandQuantizations, type OperandsLayer } from './execute';

/** Inputs are widened by 2^20 before they are brought to a common scale: TFLite's choice for int8. */
export const SUM_LEFT_SHIFT = 20;

export type SumLayer = OperandsLayer & { readonly activation: Activation };

export interface SumFactors {
  readonly first: FixedPointFactor;
  readonly second: FixedPointFactor;
  readonly output: FixedPointFactor;
}

/**
 * Both inputs go to twice the larger scale (so that their sum cannot overflow), the sum to the output's.
 * All three factors are below 1; the first two at most ½.
 */
export function sumFactors(
  first: TensorQuantization,
  second: TensorQuantization,
  output: TensorQuantization,
): SumFactors {
  const common = 2 * Math.max(first.scale, second.scale);
  return {
    first: quantizeMultiplier(first.scale / common),
    second: quantizeMultiplier(second.scale / common),
    output: quantizeMultiplier(common / (2 ** SUM_LEFT_SHIFT * output.scale)),
  };
}

/** 1 or −1 for either operand, the larger one first. */
export type Signs = readonly [first: number, second: number];

/** The output's code of two operands' codes. */
export function sumOf(
  layer: SumLayer,
  model: QuantizedModel,
  [signOne, signOther]: Signs,
): (first: number, second: number) => number {
  const { first: one, second: other, output: out } = operandQuantizations(layer, model);
  const factors = sumFactors(one, other, out);
  const { min, max } = activationRange(layer.activation, out);
  const widened = (q: number, zeroPoint: number, { multiplier, shift }: FixedPointFactor): number =>
    multiplyByQuantizedMultiplier((q - zeroPoint) << SUM_LEFT_SHIFT, multiplier, shift);
  const { multiplier, shift } = factors.output;
  return (first, second) => {
    const sum =
      signOne * widened(first, one.zeroPoint, factors.first) +
      signOther * widened(second, other.zeroPoint, factors.second);
    const scaled = multiplyByQuantizedMultiplier(sum, multiplier, shift);
    return clamp(scaled + out.zeroPoint, min, max);
  };
}

export function checkSum(layer: SumLayer, model: QuantizedModel): void {
  const { first, second, output } = operandQuantizations(layer, model);
  if (2 * Math.max(first.scale, second.scale) >= 2 ** 20 * output.scale) {
    throw new UserError(
      `Layer '${layer.name}': its inputs are 2^19 times coarser than its output.`,
    );
  }
}
