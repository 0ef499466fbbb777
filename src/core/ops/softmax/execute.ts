/**
 * Reference int8 SOFTMAX (beta 1) in fixed point, as TFLite Micro and CMSIS-NN compute it: gemmlowp's exponential and
 * reciprocal. `Qn` in a name is a fixed-point number with n integer bits, 31 − n fractional ones, raw in an int32.
 */

import {
  clamp,
  INT32_MAX,
  INT32_MIN,
  quantizeMultiplier,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul as multiply,
} from '../../quant/fixed-point';
import type { TensorQuantization } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import type { SoftmaxLayer } from './graph';

/** What every softmax puts out: probabilities in steps of 1/256. */
const OUTPUT: TensorQuantization = { scale: 1 / 256, zeroPoint: -128 };
/** Integer bits of the scaled difference to the maximum: differences down to −32 are told apart. */
const DIFF_INTEGER_BITS = 5;
const SUM_INTEGER_BITS = 12;
/** With 2^9 classes or more the last right shift could exceed 31 bits, which is undefined in C. */
const MAX_CLASSES = 511;
/** Input scales (exclusive) between which the factor of the differences is above 1 and shifts by at most 30 bits. */
const INPUT_SCALES = { above: 2 ** -26, below: 16 };

export interface SoftmaxFactors {
  /** From a difference of codes to Q5. */
  readonly multiplier: number;
  readonly shift: number;
  /** Differences below this count as probability 0. */
  readonly least: number;
}

export function softmaxFactors(input: TensorQuantization): SoftmaxFactors {
  const { multiplier, shift } = quantizeMultiplier(input.scale * 2 ** (31 - DIFF_INTEGER_BITS));
  const reach = ((2 ** DIFF_INTEGER_BITS - 1) * 2 ** (31 - DIFF_INTEGER_BITS)) / 2 ** shift;
  return { multiplier, shift, least: -Math.floor(reach) };
}

export const softmax: ExecuteOp<SoftmaxLayer> = {
  quantization: OUTPUT,
  run: (layer, model, inputs) =>
    probabilities(inputs[0]!, layer.inputShape[2], tensorOf(model, layer.inputs[0])),
  check: (layer, model) => {
    const channels = layer.inputShape[2];
    if (channels > MAX_CLASSES) {
      throw new UserError(
        `Layer '${layer.name}': the int8 softmax takes at most ${MAX_CLASSES} classes, got ` +
          `${channels}. Leave it out: the largest logit is the same class.`,
      );
    }
    const { scale } = tensorOf(model, layer.inputs[0]);
    if (!(scale > INPUT_SCALES.above && scale < INPUT_SCALES.below)) {
      throw new UserError(`Layer '${layer.name}': scale ${scale} of its input is out of range.`);
    }
  },
};

/** Over every `depth` codes. input int8 [H, W, C] → int8 of that shape, scale 1/256, zero point −128. */
function probabilities(
  input: Int8Array,
  depth: number,
  inputQuantization: TensorQuantization,
): Int8Array {
  const { multiplier, shift, least } = softmaxFactors(inputQuantization);
  const exponential = (diff: number): number =>
    expOfNegativeQ5(multiply(diff << shift, multiplier));
  const output = new Int8Array(input.length);
  for (let row = 0; row < input.length; row += depth) {
    let largest = -128;
    for (let c = 0; c < depth; c++) largest = Math.max(largest, input[row + c]!);

    let sumQ12 = 0;
    for (let c = 0; c < depth; c++) {
      const diff = input[row + c]! - largest;
      if (diff >= least) {
        sumQ12 = (sumQ12 + roundingDivideByPowerOfTwo(exponential(diff), SUM_INTEGER_BITS)) | 0;
      }
    }
    // 1 / sum = reciprocalQ0 · 2^-bits, with the sum normalised to 1 … 2.
    const headroom = Math.clz32(sumQ12);
    const bits = SUM_INTEGER_BITS - headroom;
    const reciprocalQ0 = oneOverOnePlusQ0((sumQ12 << headroom) - INT32_MIN);

    for (let c = 0; c < depth; c++) {
      const diff = input[row + c]! - largest;
      const probability =
        diff >= least
          ? roundingDivideByPowerOfTwo(multiply(reciprocalQ0, exponential(diff)), bits + 31 - 8)
          : 0;
      output[row + c] = clamp(probability - 128, -128, 127);
    }
  }
  return output;
}

/** exp(a) for a ≤ 0 in Q5 → Q0 (gemmlowp's exp_on_negative_values). */
function expOfNegativeQ5(a: number): number {
  if (a === 0) return INT32_MAX;
  const quarter = 1 << 24;
  // a = −remainder + fraction, the fraction in [−¼, 0) by a polynomial, the remainder bit by bit by table.
  const fraction = (a & (quarter - 1)) - quarter;
  const remainder = fraction - a;
  let result = expOfSmallQ0(fraction << DIFF_INTEGER_BITS);
  for (const [bit, factorQ0] of EXPONENTIALS) {
    if ((remainder & (1 << bit)) !== 0) result = multiply(result, factorQ0);
  }
  return result;
}

/** exp(−2^(bit − 26)) in Q0, for the bits of a Q5 number: −¼, −½, −1 … −16. */
const EXPONENTIALS: readonly (readonly [bit: number, factorQ0: number])[] = [
  [24, 1672461947],
  [25, 1302514674],
  [26, 790015084],
  [27, 290630308],
  [28, 39332535],
  [29, 720401],
  [30, 242],
];

/** exp(a) for a in [−¼, 0), Q0 → Q0: Taylor's series of the fourth degree around −⅛. */
function expOfSmallQ0(a: number): number {
  const expOfMinusEighth = 1895147668;
  const third = 715827883;
  const x = a + (1 << 28);
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = multiply(x2, x2);
  const x4Over4 = roundingDivideByPowerOfTwo(x4, 2);
  const higher = roundingDivideByPowerOfTwo(multiply(x4Over4 + x3, third) + x2, 1);
  return (expOfMinusEighth + multiply(expOfMinusEighth, x + higher)) | 0;
}

/** 1 / (1 + a) for a in [0, 1), Q0 → Q0: three Newton steps for 1 / ((1 + a) / 2). */
function oneOverOnePlusQ0(a: number): number {
  const oneQ2 = 1 << 29;
  const fortyEightOver17Q2 = 1515870810;
  const minus32Over17Q2 = -1010580540;
  // (a + 1) / 2, halves away from zero; 1 is the largest Q0 number.
  const halfDenominator = Math.trunc((a + INT32_MAX + 1) / 2);
  let x = fortyEightOver17Q2 + multiply(halfDenominator, minus32Over17Q2);
  for (let step = 0; step < 3; step++) {
    const error = oneQ2 - multiply(halfDenominator, x);
    x = (x + saturatingLeftShift(multiply(x, error), 2)) | 0;
  }
  // Half of x, a Q2 number read as Q1, then Q1 → Q0.
  return saturatingLeftShift(x, 1);
}

function saturatingLeftShift(x: number, bits: number): number {
  return clamp(x * 2 ** bits, INT32_MIN, INT32_MAX);
}
