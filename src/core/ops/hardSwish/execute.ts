/** Reference int8 HARD_SWISH: products of 16 bits, each rounded by itself. */
import {
  clamp,
  quantizeMultiplier,
  roundingDivideByPowerOfTwo,
  type FixedPointFactor,
} from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import { byCodes } from '../rescaled/execute';
import type { HardSwishLayer } from './graph';

const INT16 = { min: -32768, max: 32767 };

/** Factors of 16 bits: to the gate's scale of 3/32768, and to the output's. */
export interface HardSwishFactors {
  readonly gate: FixedPointFactor;
  readonly output: FixedPointFactor;
}

/** Scales are divided in float32, as TFLite does. */
export function hardSwishFactors(layer: HardSwishLayer, model: QuantizedModel): HardSwishFactors {
  const fine = Math.fround(Math.fround(1 / 128) * tensorOf(model, layer.inputs[0]).scale);
  const output = tensorOf(model, layer.name).scale;
  return {
    gate: narrow(quantizeMultiplier(Math.fround(fine / Math.fround(3 / 32768)))),
    output: narrow(quantizeMultiplier(Math.fround(fine / output))),
  };
}

function narrow({ multiplier, shift }: FixedPointFactor): FixedPointFactor {
  const rounding = 1 << 15;
  const narrowed = multiplier >= 2 ** 31 - 1 - rounding ? INT16.max : (multiplier + rounding) >> 16;
  return { multiplier: narrowed, shift };
}

function codesOf(layer: HardSwishLayer, model: QuantizedModel): Int8Array {
  const { gate, output: factor } = hardSwishFactors(layer, model);
  const input = tensorOf(model, layer.inputs[0]);
  const output = tensorOf(model, layer.name);
  return Int8Array.from({ length: 256 }, (_, i) => {
    const fine = (i - 128 - input.zeroPoint) * 128;
    const preshift = highMultiply(fine, factor.multiplier);
    let share = fine;
    if (gate.shift > 0) share = shiftLeft(share, gate.shift - 1);
    share = highMultiply(share, gate.multiplier);
    if (gate.shift > 0) share = shiftLeft(share, 1);
    if (gate.shift < 0) share = roundingDivideByPowerOfTwo(share, -gate.shift);
    share = (share + 32768) >> 1;
    const product = Math.trunc((share * preshift) / 32768);
    const scaled = roundingDivideByPowerOfTwo(product, -factor.shift);
    return clamp(scaled + output.zeroPoint, -128, 127);
  });
}

/** round(a · b ÷ 2^15), halves away from zero; int16 each, and not both −2^15. */
function highMultiply(a: number, b: number): number {
  const product = a * b;
  const nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return Math.trunc((product + nudge) / 32768);
}

function shiftLeft(x: number, by: number): number {
  return clamp(x * 2 ** by, INT16.min, INT16.max);
}

export const hardSwish: ExecuteOp<HardSwishLayer> = {
  ...byCodes<HardSwishLayer>('own', codesOf),
  check: (layer, model) => {
    const { gate, output } = hardSwishFactors(layer, model);
    if (output.shift > 0 || output.shift < -31 || gate.shift > 16 || gate.shift < -15) {
      throw new UserError(
        `Layer '${layer.name}': the scales of its input and output differ by more than a hard swish of 16 bits can bridge.`,
      );
    }
  },
};
