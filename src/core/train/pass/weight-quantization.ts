import type { WeightedLayer } from '../../ops/graph-ops';
import { channelOf, outputChannels, weightOrder } from '../../graph/graph';
import type { LayerWeights, QuantizedWeights } from '../../formats/fit';
import { avoidZeroBytes } from '../../formats/packing';
import type { LayerParameters } from './parameters';

/**
 * Symmetric per-channel codes (TFLite quantisation specification) of the live weights, by the fit of the layer's format:
 * found anew at every step, so that scales move with the weights. Quantising happens before batch norm's scale is applied:
 * multiplying a channel by gamma / sigma multiplies its symmetric scale and leaves the integers alone (but for gamma's
 * sign), so what the encoder sees does not move when batch norm's statistics do.
 *
 * Only channels `first` … `end − 1` where these are given; what comes out for the others says nothing.
 */
export function quantizeLayerWeights(
  layer: WeightedLayer,
  parameters: LayerParameters,
  first = 0,
  end = outputChannels(layer),
): QuantizedWeights {
  return parameters.format.fit.fit(layerWeights(layer, parameters), first, end);
}

/** What a fit is given of a layer. */
export function layerWeights(layer: WeightedLayer, parameters: LayerParameters): LayerWeights {
  const { weights, mask } = parameters;
  const sign = (channel: number): 1 | -1 => channelSign(parameters, channel);
  return { weights, mask, order: weightOrder(layer), sign };
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
  avoidZeroBytes(deployed, tileWeights, parameters.format.id);
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
