/**
 * MaxPoolGrad: the gradient goes to the first cell of each window that holds the maximum, in row order, as the plain
 * CPU backend does it.
 */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { forEachWindow, poolInfo, type Info } from './geometry';
import { input } from './kernel-arguments';
import { forEachImage, suitsSimd } from './simd/for-each-image';
import { pointers, simdModule } from './simd/simd-module';
import type { Tf } from './tf';
import { allocate, floats, wasmBackend } from './wasm-heap';

export function maxPoolGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.MaxPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'input');
      const dy = input(inputs, 'dy');
      const info = poolInfo(tf, attrs, x.shape);
      const dx = allocate(backend, x.shape);
      const at = pointers(backend, { x, dy, dx });
      if (coversInSquares(info) && suitsSimd(info)) {
        // Rows of all images follow each other without a gap.
        const height = info.batchSize * info.outHeight;
        const { outWidth, inChannels } = info;
        simdModule(backend).maxPool2Gradient(at.x, at.dy, at.dx, height, outWidth, inChannels);
        return dx;
      }
      const out = floats(backend, dx).fill(0);
      if (suitsSimd(info)) {
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).maxPoolGradient(
            at.x + image,
            at.dy + pixels,
            at.dx + image,
            ...geometry,
          );
        });
        return dx;
      }
      const values = floats(backend, x);
      const gradient = floats(backend, dy);
      forEachWindow(info, (cells, pixel) => {
        for (let c = 0; c < info.inChannels; c++) {
          let best = -Infinity;
          // Where all are NaN.
          let where = cells[0]! + c;
          for (const cell of cells) {
            const value = values[cell + c]!;
            if (value > best) {
              best = value;
              where = cell + c;
            }
          }
          out[where] = out[where]! + gradient[pixel + c]!;
        }
      });
      return dx;
    },
  };
}

/** Windows of 2×2 side by side, none of which leaves the image and none of whose cells is left over. */
function coversInSquares(info: Info): boolean {
  return (
    info.filterHeight === 2 &&
    info.filterWidth === 2 &&
    info.strideHeight === 2 &&
    info.strideWidth === 2 &&
    info.inHeight === 2 * info.outHeight &&
    info.inWidth === 2 * info.outWidth
  );
}
