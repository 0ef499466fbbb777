/** AvgPoolGrad dividing, like the forward kernel and TFLite, by the number of cells inside the image. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { input, padding, pair, roundingMode, shape4 } from './kernel-arguments';
import { forEachImage, suitsSimd } from './simd/for-each-image';
import { pointer, simdModule } from './simd/simd-module';
import { allocate, floats, wasmBackend } from './wasm-heap';

export function averagePoolGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.AvgPoolGrad,
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
      const gradient = floats(backend, dy);
      const out = floats(backend, dx).fill(0);
      if (suitsSimd(info)) {
        const [dyAt, dxAt] = [dy, dx].map((t) => pointer(backend, t));
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).averagePoolGradient(dyAt! + pixels, dxAt! + image, ...geometry);
        });
        return dx;
      }
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
            const share = 1 / ((y1 - y0) * (x1 - x0));
            for (let y = y0; y < y1; y++) {
              for (let column = x0; column < x1; column++) {
                const cell = ((n * inHeight + y) * inWidth + column) * channels;
                for (let c = 0; c < channels; c++) {
                  out[cell + c] = out[cell + c]! + gradient[dyAt + c]! * share;
                }
              }
            }
            dyAt += channels;
          }
        }
      }
      return dx;
    },
  };
}
