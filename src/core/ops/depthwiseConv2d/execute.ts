/** Reference int8 DEPTHWISE_CONV_2D: TFLite's reference_integer_ops, loop for loop. Padding counts as real 0. */
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import type { ExecuteOp } from '../execute-op';
import { paddingBefore } from '../window';
import type { DepthwiseConv2DLayer } from './graph';

export const depthwiseConv2d: ExecuteOp<DepthwiseConv2DLayer> = {
  quantization: 'own',
  /** input [H, W, C], weights [kernel height, kernel width, C] → output [H′, W′, C], all int8. */
  run: (layer, model, inputs) => {
    const input = inputs[0]!;
    const { weights, bias } = weightsOf(model, layer.name);
    const { zeroPoint } = tensorOf(model, layer.inputs[0]);
    const requantize = requantizer(layer, model);
    const [height, width, depth] = layer.inputShape;
    const [outHeight, outWidth] = layer.outputShape;
    const [kernelHeight, kernelWidth] = layer.kernel;
    const { top, left } = paddingBefore(layer.inputShape, layer);
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
              const value = input[(y * width + x) * depth + c]! - zeroPoint;
              sum += value * weights[(ky * kernelWidth + kx) * depth + c]!;
            }
          }
          output[(oy * outWidth + ox) * depth + c] = requantize(sum, c);
        }
      }
    }
    return output;
  },
  sums: (layer) => ({ inputShape: layer.inputShape, window: layer, channels: 'own' }),
};
