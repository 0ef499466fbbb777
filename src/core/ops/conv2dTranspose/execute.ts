/** TFLite's reference TRANSPOSE_CONV with a weight scale for each channel, loop for loop. */
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import type { Conv2DTransposeLayer } from './graph';
import { cutBefore } from './graph';

export const conv2dTranspose: ExecuteOp<Conv2DTransposeLayer> = {
  quantization: 'own',
  /** input [H, W, C], weights [C′, kernel height, kernel width, C] → output [H′, W′, C′], all int8. */
  run: (layer, model, inputs) => {
    const input = inputs[0]!;
    const { weights, bias } = weightsOf(model, layer.name);
    const { zeroPoint } = tensorOf(model, layer.inputs[0]);
    const requantize = requantizer(layer, model);
    const [height, width, depth] = layer.inputShape;
    const [outHeight, outWidth, filters] = layer.outputShape;
    const [kernelHeight, kernelWidth] = layer.kernel;
    const [strideY, strideX] = layer.stride;
    const { top, left } = cutBefore(layer);
    const sums = Int32Array.from(
      { length: elements(layer.outputShape) },
      (_, i) => bias[i % filters]!,
    );
    for (let iy = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++) {
        const cell = (iy * width + ix) * depth;
        for (let ky = 0; ky < kernelHeight; ky++) {
          const y = iy * strideY - top + ky;
          if (y < 0 || y >= outHeight) continue;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const x = ix * strideX - left + kx;
            if (x < 0 || x >= outWidth) continue;
            const pixel = (y * outWidth + x) * filters;
            for (let o = 0; o < filters; o++) {
              const tap = ((o * kernelHeight + ky) * kernelWidth + kx) * depth;
              let sum = 0;
              for (let c = 0; c < depth; c++) {
                sum += (input[cell + c]! - zeroPoint) * weights[tap + c]!;
              }
              sums[pixel + o] = sums[pixel + o]! + sum;
            }
          }
        }
      }
    }
    return Int8Array.from(sums, (sum, i) => requantize(sum, i % filters));
  },
};
