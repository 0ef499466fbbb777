import type { WeightedBase } from '../ops/layer';
import { clamp, multiplyByQuantizedMultiplier, multiplyRoundedOnce } from './fixed-point';
import type { QuantizedModel } from './model';
import { tensorOf, weightsOf } from './model';
import { activationRange } from './quantization';

/** From the accumulator of an output channel to its code: scaled, moved to the output's zero point, clamped. */
export function requantizer(
  layer: WeightedBase,
  model: QuantizedModel,
): (sum: number, channel: number) => number {
  const { multiplier, shift } = weightsOf(model, layer.name);
  const output = tensorOf(model, layer.name);
  const scale = layer.rounding === 'once' ? multiplyRoundedOnce : multiplyByQuantizedMultiplier;
  const { min, max } = activationRange(layer.activation, output);
  return (sum, channel) => {
    const scaled = scale(sum, multiplier[channel]!, shift[channel]!);
    return clamp(scaled + output.zeroPoint, min, max);
  };
}
