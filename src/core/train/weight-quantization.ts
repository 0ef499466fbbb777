import type { WeightedLayer } from '../graph/graph';
import { outputChannels } from '../graph/graph';
import type { LayerParameters } from './parameters';

/**
 * Symmetric per-channel int8 weights (TFLite quantisation specification) of the live parameters.
 *
 * The scale of a channel is the largest magnitude among the weights it *keeps*, over 127; pruned weights larger than
 * that are clipped. Quantising happens before batch norm's scale is applied: multiplying a channel by gamma / sigma
 * multiplies its symmetric scale and leaves the integers alone (but for gamma's sign), so what the encoder sees does
 * not move when batch norm's statistics do.
 */
export interface QuantizedWeights {
  /** Storage order, pruned weights not zeroed. */
  readonly values: Int8Array;
  readonly scales: Float64Array;
}

export function quantizeLayerWeights(
  layer: WeightedLayer,
  { weights, mask }: LayerParameters,
): QuantizedWeights {
  const channels = outputChannels(layer);
  const channelsFastest = layer.kind === 'depthwiseConv2d';
  const perChannel = weights.length / channels;
  const scales = new Float64Array(channels);
  const values = new Int8Array(weights.length);
  for (let c = 0; c < channels; c++) {
    const first = channelsFastest ? c : c * perChannel;
    const stride = channelsFastest ? channels : 1;
    let largest = 0;
    for (let k = 0, i = first; k < perChannel; k++, i += stride) {
      if (mask[i] === 1) largest = Math.max(largest, Math.abs(weights[i]!));
    }
    const scale = largest > 0 ? largest / 127 : 1;
    scales[c] = scale;
    for (let k = 0, i = first; k < perChannel; k++, i += stride) {
      const q = weights[i]! / scale;
      // Half away from zero, as TFLite's converter rounds.
      const rounded = q < 0 ? -Math.floor(0.5 - q) : Math.floor(q + 0.5);
      values[i] = Math.max(-127, Math.min(127, rounded));
    }
  }
  return { values, scales };
}

/** Sign by which deployment multiplies a channel's integers: batch norm's gamma, folded, may be negative. */
export function channelSign(parameters: LayerParameters, channel: number): 1 | -1 {
  return parameters.gamma !== undefined && parameters.gamma[channel]! < 0 ? -1 : 1;
}

/** The integers as the firmware stores them: channel signs applied, and pruned weights zeroed if `masked`. */
export function deployedValues(
  layer: WeightedLayer,
  parameters: LayerParameters,
  { values }: QuantizedWeights,
  masked: boolean,
): Int8Array {
  const channels = outputChannels(layer);
  const perChannel = values.length / channels;
  const deployed = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (masked && parameters.mask[i] === 0) continue;
    const c = layer.kind === 'depthwiseConv2d' ? i % channels : Math.floor(i / perChannel);
    deployed[i] = values[i]! * channelSign(parameters, c);
  }
  return deployed;
}

/**
 * Weights for TensorFlow.js: HWIO for convolutions, [inputs, units] for dense, [H, W, C] for depthwise; pruned
 * weights zero; rounded to their int8 grid where `quantized` is given; each channel times `channelFactor` if given.
 */
export function frameworkWeights(
  layer: WeightedLayer,
  { weights, mask }: LayerParameters,
  quantized: QuantizedWeights | undefined,
  channelFactor?: Float64Array,
): Float32Array {
  const channels = outputChannels(layer);
  const perChannel = weights.length / channels;
  const result = new Float32Array(weights.length);
  const channelsFastest = layer.kind === 'depthwiseConv2d';
  for (let c = 0; c < channels; c++) {
    const factor = channelFactor ? channelFactor[c]! : 1;
    const scale = quantized ? quantized.scales[c]! * factor : factor;
    for (let k = 0; k < perChannel; k++) {
      const i = channelsFastest ? k * channels + c : c * perChannel + k;
      if (mask[i] === 0) continue;
      result[k * channels + c] = (quantized ? quantized.values[i]! : weights[i]!) * scale;
    }
  }
  return result;
}

/** Gradient in TensorFlow.js's order back to storage order. */
export function storageGradient(layer: WeightedLayer, gradient: Float32Array): Float32Array {
  if (layer.kind === 'depthwiseConv2d') return gradient;
  const channels = outputChannels(layer);
  const perChannel = gradient.length / channels;
  const result = new Float32Array(gradient.length);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < perChannel; k++) result[c * perChannel + k] = gradient[k * channels + c]!;
  }
  return result;
}
