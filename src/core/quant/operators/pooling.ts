/** Reference int8 pools. Input and output share one quantisation, so codes are compared and averaged as they are. */

import type { LayerOf } from '../../ops/graph-ops';
import { paddingBefore } from './window';

/** Either kind of pool over a window; cells outside the image do not count. input [H, W, C] → [H′, W′, C]. */
export function pool2d(layer: LayerOf<'maxPool2d' | 'averagePool2d'>, input: Int8Array): Int8Array {
  const [height, width, depth] = layer.inputShape;
  const [outHeight, outWidth] = layer.outputShape;
  const { top, left } = paddingBefore(layer, layer.pool);
  const output = new Int8Array(outHeight * outWidth * depth);
  for (let oy = 0; oy < outHeight; oy++) {
    const fromY = Math.max(0, oy * layer.stride[0] - top);
    const toY = Math.min(height, oy * layer.stride[0] - top + layer.pool[0]);
    for (let ox = 0; ox < outWidth; ox++) {
      const fromX = Math.max(0, ox * layer.stride[1] - left);
      const toX = Math.min(width, ox * layer.stride[1] - left + layer.pool[1]);
      for (let c = 0; c < depth; c++) {
        let sum = 0;
        let largest = -128;
        for (let y = fromY; y < toY; y++) {
          for (let x = fromX; x < toX; x++) {
            const value = input[(y * width + x) * depth + c]!;
            sum += value;
            if (value > largest) largest = value;
          }
        }
        output[(oy * outWidth + ox) * depth + c] =
          layer.kind === 'maxPool2d' ? largest : average(sum, (toY - fromY) * (toX - fromX));
      }
    }
  }
  return output;
}

/** The pool whose window is the whole plane: TFLite's AVERAGE_POOL_2D or MAX_POOL_2D, not its MEAN. → [1, 1, C] */
export function globalPool(
  layer: LayerOf<'globalMaxPool' | 'globalAveragePool'>,
  input: Int8Array,
): Int8Array {
  const [height, width] = layer.inputShape;
  return pool2d(
    {
      ...layer,
      kind: layer.kind === 'globalMaxPool' ? 'maxPool2d' : 'averagePool2d',
      pool: [height, width],
      stride: [1, 1],
      padding: 'valid',
    },
    input,
  );
}

/** sum ÷ count, halves away from zero (away from code 0, that is, not from real 0). */
export function average(sum: number, count: number): number {
  const half = count >> 1;
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
}
