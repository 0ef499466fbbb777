/**
 * Reference int8 CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with a weight scale for each channel: TFLite's
 * reference_integer_ops, loop for loop. Padding counts as real 0.
 */
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import type { ExecuteOp, WindowSums } from '../execute-op';
import type { WeightedBase } from '../layer';
import { elements } from '../shape';
import { paddingBefore } from '../window';

/** Layers whose outputs are sums of products under a window, requantised. */
export function weightedExecute<L extends WeightedBase>(
  sums: (layer: L) => WindowSums,
): ExecuteOp<L> {
  return {
    quantization: 'own',
    /**
     * input [H, W, C], weights [output channel, kernel height, kernel width, C / groups], or the output channel last → output
     * [H′, W′, C′], all int8.
     */
    run: (layer, model, inputs) => {
      const input = inputs[0]!;
      const { inputShape, window, groups, channel } = sums(layer);
      const { weights, bias } = weightsOf(model, layer.name);
      const { zeroPoint } = tensorOf(model, layer.inputs[0]);
      const requantize = requantizer(layer, model);
      const [height, width, depth] = inputShape;
      const [outHeight, outWidth, outDepth] = layer.outputShape;
      const [kernelHeight, kernelWidth] = window.kernel;
      const [strideY, strideX] = window.stride;
      const [dilationY, dilationX] = window.dilation ?? [1, 1];
      const { top, left } = paddingBefore(inputShape, window);
      const groupDepth = depth / groups;
      const perChannel = kernelHeight * kernelWidth * groupDepth;
      const [channelStep, weightStep] = channel === 'first' ? [perChannel, 1] : [1, outDepth];
      const output = new Int8Array(elements(layer.outputShape));
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          for (let o = 0; o < outDepth; o++) {
            const first = Math.floor((o * groups) / outDepth) * groupDepth;
            let sum = bias[o]!;
            for (let ky = 0; ky < kernelHeight; ky++) {
              const y = oy * strideY - top + ky * dilationY;
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelWidth; kx++) {
                const x = ox * strideX - left + kx * dilationX;
                if (x < 0 || x >= width) continue;
                const cell = (y * width + x) * depth + first;
                const tap = (ky * kernelWidth + kx) * groupDepth;
                for (let i = 0; i < groupDepth; i++) {
                  const weight = weights[o * channelStep + (tap + i) * weightStep]!;
                  sum += (input[cell + i]! - zeroPoint) * weight;
                }
              }
            }
            output[(oy * outWidth + ox) * outDepth + o] = requantize(sum, o);
          }
        }
      }
      return output;
    },
    sums,
  };
}
