/** AvgPoolGrad dividing, like the forward kernel and TFLite, by the number of cells inside the image. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { forEachWindow, poolInfo } from './geometry';
import { input } from './kernel-arguments';
import { forEachImage, suitsSimd } from './simd/for-each-image';
import { pointers, simdModule } from './simd/simd-module';
import type { Tf } from './tf';
import { allocate, floats, wasmBackend } from './wasm-heap';

export function averagePoolGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.AvgPoolGrad,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'input');
      const dy = input(inputs, 'dy');
      const info = poolInfo(tf, attrs, x.shape);
      const dx = allocate(backend, x.shape);
      const out = floats(backend, dx).fill(0);
      if (suitsSimd(info)) {
        const at = pointers(backend, { dy, dx });
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).averagePoolGradient(at.dy + pixels, at.dx + image, ...geometry);
        });
        return dx;
      }
      const gradient = floats(backend, dy);
      forEachWindow(info, (cells, pixel) => {
        const share = 1 / cells.length;
        for (const cell of cells) {
          for (let c = 0; c < info.inChannels; c++) {
            out[cell + c] = out[cell + c]! + gradient[pixel + c]! * share;
          }
        }
      });
      return dx;
    },
  };
}
