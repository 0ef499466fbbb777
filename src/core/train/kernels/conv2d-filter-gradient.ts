/**
 * Conv2DBackpropFilter, which tfjs-backend-wasm lacks. Images with a border are copied into a frame of zeros a few at a
 * time, so that the SIMD loops need none; a kernel's columns and channels then lie side by side in memory, and each kernel row
 * is one product of matrices, [columns · channels, pixels] · [pixels, filters]. 3×3 convolutions of stride 1 go faster by
 * winograd.ts.
 */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { convolutionInfo } from './geometry';
import { input } from './kernel-arguments';
import { pointer, scratch, simdModule } from './simd/simd-module';
import type { Tf } from './tf';
import { allocate, floats, release, wasmBackend } from './wasm-heap';
import { suitsWinograd, winogradFilterGradient } from './winograd';

/** Pixels per call: with fewer, adding up dw costs more; with more, a tile's values leave a core's nearest cache. */
const ENOUGH_PIXELS = 64;
const FLOAT = 4;

export function conv2dFilterGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'x');
      const dy = input(inputs, 'dy');
      const info = convolutionInfo(tf, attrs, x.shape, attrs['filterShape']);
      const { strideHeight: stepY, strideWidth: stepX } = info;
      const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
      const { top, left } = info.padInfo;
      // What the forward pass reads, the frame included; rows and columns beyond are unread.
      const rows = (outHeight - 1) * stepY + info.filterHeight;
      const columns = (outWidth - 1) * stepX + info.filterWidth;
      const copiedRows = Math.min(inHeight, rows - top);
      const copiedColumns = Math.min(inWidth, columns - left);
      const taps = info.filterWidth * inChannels;
      const span = roundUp4(taps);
      const filters = roundUp4(outChannels);
      const group = Math.min(batchSize, Math.ceil(ENOUGH_PIXELS / (outHeight * outWidth)));
      const pixels = outHeight * outWidth;

      const dw = allocate(backend, info.filterShape);
      if (suitsWinograd(info)) {
        winogradFilterGradient(backend, info, x, dy, dw);
        return dw;
      }
      const whole = span === taps && filters === outChannels;
      const sums = whole ? dw : scratch(backend, info.filterHeight * span * filters);
      // Where nothing is added or left out, images are read where they are. (Elsewhere the last pixel's taps may be read up
      // to the next multiple of 4.)
      const bare = top === 0 && left === 0 && rows === inHeight && columns === inWidth && whole;
      const frame = bare ? undefined : scratch(backend, group * rows * columns * inChannels + 4);
      const aligned =
        filters === outChannels ? undefined : scratch(backend, group * pixels * filters);
      floats(backend, sums).fill(0);
      if (frame !== undefined) floats(backend, frame).fill(0);
      if (aligned !== undefined) floats(backend, aligned).fill(0);

      const module = simdModule(backend);
      const imageBytes = rows * columns * inChannels * FLOAT;
      const rowBytes = columns * inChannels * FLOAT;
      const xRowBytes = inWidth * inChannels * FLOAT;
      for (let n = 0; n < batchSize; n += group) {
        const images = Math.min(group, batchSize - n);
        let xAt = pointer(backend, x) + n * inHeight * xRowBytes;
        if (frame !== undefined) {
          const to = pointer(backend, frame);
          for (let i = 0; i < images; i++) {
            module.copyRows(
              xAt + i * inHeight * xRowBytes,
              to + i * imageBytes + top * rowBytes + left * inChannels * FLOAT,
              copiedRows,
              copiedColumns * inChannels * FLOAT,
              xRowBytes,
              rowBytes,
            );
          }
          xAt = to;
        }
        let dyAt = pointer(backend, dy) + n * pixels * outChannels * FLOAT;
        if (aligned !== undefined) {
          const to = pointer(backend, aligned);
          const [from, step] = [outChannels * FLOAT, filters * FLOAT];
          module.copyRows(dyAt, to, images * pixels, from, from, step);
          dyAt = to;
        }
        module.filterGradient(
          xAt,
          imageBytes,
          rowBytes,
          stepY * rowBytes,
          stepX * inChannels * FLOAT,
          dyAt,
          images,
          outHeight,
          outWidth,
          pointer(backend, sums),
          info.filterHeight,
          span,
          filters,
        );
      }
      if (!whole) {
        const [from, to] = [floats(backend, sums), floats(backend, dw)];
        let at = 0;
        for (let ky = 0; ky < info.filterHeight; ky++) {
          for (let j = 0; j < taps; j++) {
            const row = (ky * span + j) * filters;
            for (let o = 0; o < outChannels; o++) to[at++] = from[row + o]!;
          }
        }
        release(backend, sums);
      }
      if (frame !== undefined) release(backend, frame);
      if (aligned !== undefined) release(backend, aligned);
      return dw;
    },
  };
}

function roundUp4(n: number): number {
  return Math.ceil(n / 4) * 4;
}
