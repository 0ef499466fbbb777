/** Reference int8 convolutions: TFLite's reference_integer_ops, loop for loop. Padding counts as real 0. */

import type { Conv2DLayer } from '../../ops/conv2d/graph';
import type { DepthwiseConv2DLayer } from '../../ops/depthwiseConv2d/graph';
import { clamp, multiplyByQuantizedMultiplier } from '../fixed-point';
import type { QuantizedLayer, TensorQuantization } from '../model';
import { activationRange } from '../quantization';
import { paddingBefore } from './window';

/** input [H, W, C], weights [filters, kernel height, kernel width, C] → output [H′, W′, filters], all int8. */
export function conv2d(
  layer: Conv2DLayer,
  { weights, bias, multiplier, shift }: QuantizedLayer,
  input: Int8Array,
  inputQuantization: TensorQuantization,
  outputQuantization: TensorQuantization,
): Int8Array {
  const [height, width, depth] = layer.inputShape;
  const [outHeight, outWidth, filters] = layer.outputShape;
  const [kernelHeight, kernelWidth] = layer.kernel;
  const { top, left } = paddingBefore(layer, layer.kernel);
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const output = new Int8Array(outHeight * outWidth * filters);
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let o = 0; o < filters; o++) {
        let sum = bias[o]!;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * layer.stride[0] - top + ky;
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = ox * layer.stride[1] - left + kx;
            if (x < 0 || x >= width) continue;
            for (let i = 0; i < depth; i++) {
              const value = input[(y * width + x) * depth + i]! - inputQuantization.zeroPoint;
              sum += value * weights[((o * kernelHeight + ky) * kernelWidth + kx) * depth + i]!;
            }
          }
        }
        const scaled = multiplyByQuantizedMultiplier(sum, multiplier[o]!, shift[o]!);
        output[(oy * outWidth + ox) * filters + o] = clamp(
          scaled + outputQuantization.zeroPoint,
          min,
          max,
        );
      }
    }
  }
  return output;
}

/** input [H, W, C], weights [kernel height, kernel width, C] → output [H′, W′, C], all int8. */
export function depthwiseConv2d(
  layer: DepthwiseConv2DLayer,
  { weights, bias, multiplier, shift }: QuantizedLayer,
  input: Int8Array,
  inputQuantization: TensorQuantization,
  outputQuantization: TensorQuantization,
): Int8Array {
  const [height, width, depth] = layer.inputShape;
  const [outHeight, outWidth] = layer.outputShape;
  const [kernelHeight, kernelWidth] = layer.kernel;
  const { top, left } = paddingBefore(layer, layer.kernel);
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const output = new Int8Array(outHeight * outWidth * depth);
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let c = 0; c < depth; c++) {
        let sum = bias[c]!;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = oy * layer.stride[0] - top + ky;
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = ox * layer.stride[1] - left + kx;
            if (x < 0 || x >= width) continue;
            const value = input[(y * width + x) * depth + c]! - inputQuantization.zeroPoint;
            sum += value * weights[(ky * kernelWidth + kx) * depth + c]!;
          }
        }
        const scaled = multiplyByQuantizedMultiplier(sum, multiplier[c]!, shift[c]!);
        output[(oy * outWidth + ox) * depth + c] = clamp(
          scaled + outputQuantization.zeroPoint,
          min,
          max,
        );
      }
    }
  }
  return output;
}
