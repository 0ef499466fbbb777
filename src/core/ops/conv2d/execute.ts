/** Reference int8 CONV_2D: TFLite's reference_integer_ops, loop for loop. Padding counts as real 0. */
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import type { ExecuteOp } from '../execute-op';
import { paddingBefore } from '../window';
import type { Conv2DLayer } from './graph';

export const conv2d: ExecuteOp<Conv2DLayer> = {
  quantization: 'own',
  /** input [H, W, C], weights [filters, kernel height, kernel width, C] → output [H′, W′, filters], all int8. */
  run: (layer, model, inputs) => {
    const input = inputs[0]!;
    const { weights, bias } = weightsOf(model, layer.name);
    const { zeroPoint } = tensorOf(model, layer.inputs[0]);
    const requantize = requantizer(layer, model);
    const [height, width, depth] = layer.inputShape;
    const [outHeight, outWidth, filters] = layer.outputShape;
    const [kernelHeight, kernelWidth] = layer.kernel;
    const { top, left } = paddingBefore(layer.inputShape, layer);
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
                const value = input[(y * width + x) * depth + i]! - zeroPoint;
                sum += value * weights[((o * kernelHeight + ky) * kernelWidth + kx) * depth + i]!;
              }
            }
          }
          output[(oy * outWidth + ox) * filters + o] = requantize(sum, o);
        }
      }
    }
    return output;
  },
  sums: (layer) => ({ inputShape: layer.inputShape, window: layer, channels: 'all' }),
};
