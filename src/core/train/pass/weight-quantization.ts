import type { WeightedLayer } from '../../ops/graph-ops';
import { channelOf, outputChannels, weightOrder } from '../../graph/graph';
import { avoidZeroBytes, hasZero, largestCode } from '../../formats/packing';
import type { LayerParameters, QuantizedWeights } from './parameters';
import { fitScale } from './weight-scale';

/**
 * Symmetric per-channel codes (TFLite quantisation specification) of the live weights, in the layer's format.
 *
 * The scale of a channel follows from the weights it *keeps*: for int8 the largest magnitude over 127, pruned weights
 * larger than that being clipped; for fewer levels the scale of least squared error, found anew at every step, so that
 * it moves with the weights. Quantising happens before batch norm's scale is applied: multiplying a channel by gamma /
 * sigma multiplies its symmetric scale and leaves the integers alone (but for gamma's sign), so what the encoder sees
 * does not move when batch norm's statistics do.
 *
 * Only channels `first` … `end − 1` where these are given; what comes out for the others says nothing.
 */
export function quantizeLayerWeights(
  layer: WeightedLayer,
  parameters: LayerParameters,
  first = 0,
  end = outputChannels(layer),
): QuantizedWeights {
  const { weights, mask, format, quantizer } = parameters;
  if (quantizer) return quantizer(layer, parameters);
  const { channels, perChannel, channelStep, weightStep } = weightOrder(layer);
  const largest = largestCode(format);
  // A code by the levels above the lowest magnitude: 0, 1, 2 …, or 1, 3, 5 …, each the nearest.
  const zero = hasZero(format);
  const [step, lowest, half] = zero ? [1, 0, 0.5] : [2, 1, 0];
  const top = (largest - lowest) / step;
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
    if (count === 0 && format !== 'int8') {
      // By the scale that its weights would have, a channel of few levels that is all pruned can come back.
      for (let i = start; count < perChannel; i += weightStep)
        kept[count++] = Math.abs(weights[i]!);
    }
    const scale = fitScale(kept.subarray(0, count), format);
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
}

/** Sign by which deployment multiplies a channel's integers: batch norm's gamma, folded, may be negative. */
export function channelSign(parameters: LayerParameters, channel: number): 1 | -1 {
  return parameters.gamma !== undefined && parameters.gamma[channel]! < 0 ? -1 : 1;
}

/**
 * The integers exactly as the firmware stores them: channel signs applied, and pruned weights zeroed if `masked`; in
 * formats without a zero one of about a thousand differs from the code that training steps see (avoidZeroBytes).
 * `tileWeights`: weights of each of the layer's tiles.
 */
export function deployedValues(
  layer: WeightedLayer,
  parameters: LayerParameters,
  { values }: QuantizedWeights,
  masked: boolean,
  tileWeights: readonly number[],
): Int8Array {
  const order = weightOrder(layer);
  const deployed = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (masked && parameters.mask[i] === 0) continue;
    deployed[i] = values[i]! * channelSign(parameters, channelOf(order, i));
  }
  avoidZeroBytes(deployed, tileWeights, parameters.format);
  return deployed;
}

/**
 * Weights for TensorFlow.js: HWIO for convolutions, [inputs, units] for dense, [H, W, C] for depthwise; pruned
 * weights zero; rounded to their int8 grid where `quantized` is given; each channel times `channelFactor` if given.
 */
export function frameworkWeights(
  layer: WeightedLayer,
  parameters: LayerParameters,
  quantized: QuantizedWeights | undefined,
  channelFactor?: Float64Array,
): Float32Array {
  const result = new Float32Array(parameters.weights.length);
  const all = { first: 0, end: outputChannels(layer) };
  writeFrameworkWeights(layer, parameters, quantized, all, result, channelFactor);
  return result;
}

/** Those of channels `first` … `end − 1`, to where they belong in `result`. */
export function writeFrameworkWeights(
  layer: WeightedLayer,
  { weights, mask }: LayerParameters,
  quantized: QuantizedWeights | undefined,
  { first, end }: { readonly first: number; readonly end: number },
  result: Float32Array,
  channelFactor?: Float64Array,
): void {
  const { channels, channelStep, weightStep } = weightOrder(layer);
  for (let c = first; c < end; c++) {
    const factor = channelFactor ? channelFactor[c]! : 1;
    const scale = quantized ? quantized.scales[c]! * factor : factor;
    let i = c * channelStep;
    if (quantized) {
      const { values } = quantized;
      for (let at = c; at < result.length; at += channels, i += weightStep) {
        result[at] = (values[i]! & -mask[i]!) * scale;
      }
    } else {
      for (let at = c; at < result.length; at += channels, i += weightStep) {
        result[at] = mask[i] === 0 ? 0 : weights[i]! * scale;
      }
    }
  }
}

/**
 * Adds `share` times a gradient in TensorFlow.js's order to `sum`: that of the weights of channels `first` … `end − 1` in
 * storage order. Where channels do not lie together there, all of a layer's channels at once.
 */
export function addStorageGradient(
  layer: WeightedLayer,
  gradient: Float32Array,
  share: number,
  { first, end }: { readonly first: number; readonly end: number },
  sum: Float32Array,
): void {
  const { channels, perChannel, channelStep, weightStep, together } = weightOrder(layer);
  if ((end - first) % together !== 0) throw new RangeError(`not all channels of ${layer.name}`);
  for (let k = 0; k < perChannel; k++) {
    for (let c = first, at = k * weightStep; c < end; c++, at += channelStep) {
      sum[at] = sum[at]! + share * gradient[k * channels + c]!;
    }
  }
}
