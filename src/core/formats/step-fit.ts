/**
 * The fit of whole numbers of one step for all of a layer's channels: as many levels as that makes, the rare ones far out. What
 * an entropy coder stores best, since a level costs it no more than it is rare; packed codes would pay for every level.
 */
import { int8 } from './int8/format';
import type { FormatFit, LayerWeights, QuantizedWeights } from './fit';

/** Steps that a layer may have, in root mean squares of its weights: about a third apart. */
export const STEPS = [
  0.08, 0.11, 0.15, 0.2, 0.27, 0.36, 0.48, 0.64, 0.85, 1.15, 1.5, 2, 2.7, 3.6,
] as const;

/** For layers that lose much by few levels and have few bytes to save: thirty and more. */
export const FINE_STEPS: readonly number[] = STEPS.filter((step) => step < 0.25);

/**
 * Each weight to the nearest multiple; then each channel's scale to that of least squared error for its codes. The step
 * follows the weights, pruned ones included, at every call, and is the same whichever channels are asked for.
 *
 * @param step in root mean squares of the layer's weights
 */
export function stepFit(step: number): FormatFit {
  const top = int8.largestCode;
  const fit = (
    { weights, mask, order }: LayerWeights,
    first: number,
    end: number,
  ): QuantizedWeights => {
    const { channels, perChannel, channelStep, weightStep } = order;
    const scales = new Float64Array(channels);
    const values = new Int8Array(weights.length);
    const width = step * rootMeanSquare(weights) || 1;
    for (let c = first; c < end; c++) {
      let product = 0;
      let square = 0;
      for (let k = 0, i = c * channelStep; k < perChannel; k++, i += weightStep) {
        const weight = weights[i]!;
        const level = Math.min(Math.abs(weight) / width, top) + 0.5;
        const code = weight < 0 ? -(level | 0) : level | 0;
        values[i] = code;
        const kept = code * mask[i]!;
        product += weight * kept;
        square += kept * kept;
      }
      scales[c] = square > 0 ? product / square : width;
    }
    return { values, scales };
  };
  return { byChannel: true, fine: false, fit };
}

function rootMeanSquare(weights: Float32Array): number {
  let energy = 0;
  for (let i = 0; i < weights.length; i++) energy += weights[i]! * weights[i]!;
  return Math.sqrt(energy / weights.length);
}
