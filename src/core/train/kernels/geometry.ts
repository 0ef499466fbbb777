/** Shapes of convolutions and pools, from the loosely typed arguments of their kernels. Images are NHWC. */
import type { backend_util, NamedAttrMap } from '@tensorflow/tfjs-core';
import { padding, pair, roundingMode, shape4 } from './kernel-arguments';
import type { Tf } from './tf';

export type Info = backend_util.Conv2DInfo;

export function convolutionInfo(
  tf: Tf,
  attrs: NamedAttrMap,
  inputShape: unknown,
  filterShape: unknown,
  kind: 'full' | 'depthwise' = 'full',
): Info {
  return tf.backend_util.computeConv2DInfo(
    shape4(inputShape),
    shape4(filterShape),
    pair(attrs['strides'], 'strides'),
    pair(attrs['dilations'] ?? 1, 'dilations'),
    padding(attrs['pad']),
    roundingMode(attrs['dimRoundingMode']),
    kind === 'depthwise',
  );
}

export function poolInfo(tf: Tf, attrs: NamedAttrMap, inputShape: unknown): Info {
  return tf.backend_util.computePool2DInfo(
    shape4(inputShape),
    pair(attrs['filterSize'], 'filterSize'),
    pair(attrs['strides'], 'strides'),
    1,
    padding(attrs['pad']),
    roundingMode(attrs['dimRoundingMode']),
  );
}

/**
 * Calls with the window of every output pixel, row by row: offsets of the cells inside the image, in values of the input's
 * tensor, and that of the pixel in the output's. Channels of a cell follow its offset.
 */
export function forEachWindow(
  info: Info,
  visit: (cells: readonly number[], pixel: number) => void,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  let pixel = 0;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * info.strideHeight - info.padInfo.top;
      const y1 = Math.min(inHeight, top + info.filterHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * info.strideWidth - info.padInfo.left;
        const x1 = Math.min(inWidth, left + info.filterWidth);
        const cells: number[] = [];
        for (let y = Math.max(0, top); y < y1; y++) {
          for (let x = Math.max(0, left); x < x1; x++) {
            cells.push(((n * inHeight + y) * inWidth + x) * inChannels);
          }
        }
        visit(cells, pixel);
        pixel += inChannels;
      }
    }
  }
}
