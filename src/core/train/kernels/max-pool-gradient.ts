/**
 * MaxPoolGrad: the gradient goes to the first cell of each window that holds the maximum, in row order, as the plain
 * CPU backend does it.
 */
import type { backend_util, KernelConfig } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { input, padding, pair, roundingMode, shape4 } from './kernel-arguments';
import { forEachImage, suitsSimd } from './simd/for-each-image';
import { pointer, simdModule } from './simd/simd-module';
import { allocate, floats, wasmBackend } from './wasm-heap';

export function maxPoolGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.MaxPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'input');
      const dy = input(inputs, 'dy');
      const info = tf.backend_util.computePool2DInfo(
        shape4(x.shape),
        pair(attrs['filterSize'], 'filterSize'),
        pair(attrs['strides'], 'strides'),
        1,
        padding(attrs['pad']),
        roundingMode(attrs['dimRoundingMode']),
      );
      const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = info;
      const dx = allocate(backend, x.shape);
      if (coversInSquares(info) && suitsSimd(info)) {
        const [xAt, dyAt, dxAt] = [x, dy, dx].map((t) => pointer(backend, t));
        // Rows of all images follow each other without a gap.
        const height = batchSize * outHeight;
        simdModule(backend).maxPool2Gradient(xAt!, dyAt!, dxAt!, height, outWidth, channels);
        return dx;
      }
      const values = floats(backend, x);
      const gradient = floats(backend, dy);
      const out = floats(backend, dx).fill(0);
      if (suitsSimd(info)) {
        const [xAt, dyAt, dxAt] = [x, dy, dx].map((t) => pointer(backend, t));
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).maxPoolGradient(
            xAt! + image,
            dyAt! + pixels,
            dxAt! + image,
            ...geometry,
          );
        });
        return dx;
      }
      const best = new Float32Array(channels);
      const where = new Int32Array(channels);
      let dyAt = 0;
      for (let n = 0; n < batchSize; n++) {
        for (let oy = 0; oy < outHeight; oy++) {
          const top = oy * info.strideHeight - info.padInfo.top;
          const y0 = Math.max(0, top);
          const y1 = Math.min(inHeight, top + info.filterHeight);
          for (let ox = 0; ox < outWidth; ox++) {
            const left = ox * info.strideWidth - info.padInfo.left;
            const x0 = Math.max(0, left);
            const x1 = Math.min(inWidth, left + info.filterWidth);
            best.fill(-Infinity);
            where.fill(((n * inHeight + y0) * inWidth + x0) * channels);
            for (let y = y0; y < y1; y++) {
              for (let column = x0; column < x1; column++) {
                const cell = ((n * inHeight + y) * inWidth + column) * channels;
                for (let c = 0; c < channels; c++) {
                  const value = values[cell + c]!;
                  if (value > best[c]!) {
                    best[c] = value;
                    where[c] = cell;
                  }
                }
              }
            }
            for (let c = 0; c < channels; c++) {
              const at = where[c]! + c;
              out[at] = out[at]! + gradient[dyAt++]!;
            }
          }
        }
      }
      return dx;
    },
  };
}

/** Windows of 2×2 side by side, none of which leaves the image and none of whose cells is left over. */
function coversInSquares(info: backend_util.Conv2DInfo): boolean {
  return (
    info.filterHeight === 2 &&
    info.filterWidth === 2 &&
    info.strideHeight === 2 &&
    info.strideWidth === 2 &&
    info.inHeight === 2 * info.outHeight &&
    info.inWidth === 2 * info.outWidth
  );
}
