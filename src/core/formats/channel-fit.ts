/** The fit of formats whose channels each have one scale and take the nearest level. */
import type { Format } from './format';
import type { FormatFit, LayerWeights, QuantizedWeights } from './fit';

export interface ChannelFitOptions {
  readonly format: Pick<Format, 'largestCode' | 'hasZero'>;
  readonly fine: boolean;
  /** What a code of 1 is worth, from the magnitudes of the weights that a channel keeps; positive. */
  readonly scale: (magnitudes: Float64Array) => number;
}

/** What it does for one channel can be asked for by itself. */
export type ChannelFit = FormatFit & Pick<ChannelFitOptions, 'scale'>;

/**
 * The scale of a channel follows from the weights it *keeps*; pruned weights that are larger are clipped. A channel of few
 * levels that is all pruned has the scale that its weights would have, so that it can come back.
 */
export function channelFit({ format, fine, scale: scaleOf }: ChannelFitOptions): ChannelFit {
  const { largestCode, hasZero } = format;
  // A code by the levels above the lowest magnitude: 0, 1, 2 …, or 1, 3, 5 …, each the nearest.
  const [step, lowest, half] = hasZero ? [1, 0, 0.5] : [2, 1, 0];
  const top = (largestCode - lowest) / step;
  const fit = (
    { weights, mask, order }: LayerWeights,
    first: number,
    end: number,
  ): QuantizedWeights => {
    const { channels, perChannel, channelStep, weightStep } = order;
    const scales = new Float64Array(channels);
    const values = new Int8Array(weights.length);
    // One more, which nothing reads: where the magnitude of a pruned last weight goes.
    const kept = new Float64Array(perChannel + 1);
    const signs = new Int32Array(weights.buffer, weights.byteOffset, weights.length);
    for (let c = first; c < end; c++) {
      const start = c * channelStep;
      // No branches that depend on a weight or a mask in these loops: they are as good as random.
      let count = 0;
      for (let k = 0, i = start; k < perChannel; k++, i += weightStep) {
        kept[count] = Math.abs(weights[i]!);
        count += mask[i]!;
      }
      if (count === 0 && !fine) {
        for (let i = start; count < perChannel; i += weightStep) {
          kept[count++] = Math.abs(weights[i]!);
        }
      }
      const scale = scaleOf(kept.subarray(0, count));
      scales[c] = scale;
      const width = step * scale;
      for (let k = 0, i = start; k < perChannel; k++, i += weightStep) {
        // Half away from zero, as TFLite's converter rounds; the sign is all ones or all zeros.
        const level = (Math.min(Math.abs(weights[i]! / width), top) + half) | 0;
        const code = step * level + lowest;
        const sign = signs[i]! >> 31;
        values[i] = (code ^ sign) - sign;
      }
    }
    return { values, scales };
  };
  return { byChannel: true, fine, scale: scaleOf, fit };
}

/** The largest of magnitudes; 0 where there are none. */
export function largestOf(magnitudes: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < magnitudes.length; i++) {
    if (magnitudes[i]! > largest) largest = magnitudes[i]!;
  }
  return largest;
}
