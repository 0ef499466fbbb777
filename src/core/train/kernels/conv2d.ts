/**
 * Conv2D. The backend's own convolution looks up each tap of each pixel through a table and fetches four channels at a
 * time, which costs much where channels are few. Here images are copied into a frame of zeros one at a time; a kernel's
 * columns and channels then lie side by side in memory, and each kernel row is one product of matrices. Products are
 * added in the same order, so the results are the same bits. 3×3 convolutions of stride 1 go faster by winograd.ts.
 */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { convolutionInfo } from './geometry';
import { input, pair } from './kernel-arguments';
import { pointer, pointers, scratch, simdModule } from './simd/simd-module';
import type { Tf } from './tf';
import { allocate, floats, release, wasmBackend } from './wasm-heap';
import { suitsWinograd, winogradConvolution } from './winograd';

const FLOAT = 4;
/** Filters per register tile, as in simd/conv-kernels.as.ts. */
const BLOCK = 8;

/** `original` does what this one does not: dilated taps. */
export function conv2d(tf: Tf, original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const { inputs, attrs = {} } = call;
      const [dilationY, dilationX] = pair(attrs['dilations'] ?? 1, 'dilations');
      if (dilationY * dilationX !== 1) return original.kernelFunc(call);
      if (attrs['dataFormat'] !== 'NHWC') throw new Error('conv2d expects NHWC');
      const backend = wasmBackend(call.backend);
      const x = input(inputs, 'x');
      const filter = input(inputs, 'filter');
      const info = convolutionInfo(tf, attrs, x.shape, filter.shape);
      const { strideHeight: stepY, strideWidth: stepX } = info;
      const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
      const { top, left } = info.padInfo;
      // What the convolution reads, the frame included; rows and columns beyond are unread.
      const rows = (outHeight - 1) * stepY + info.filterHeight;
      const columns = (outWidth - 1) * stepX + info.filterWidth;
      const framed = top > 0 || left > 0 || rows > inHeight || columns > inWidth;
      const span = info.filterWidth * inChannels;
      const taps = info.filterHeight * span;

      const y = allocate(backend, info.outShape);
      if (tf.util.sizeFromShape(info.outShape) === 0) return y;
      if (suitsWinograd(info)) {
        winogradConvolution(backend, info, x, filter, y);
        return y;
      }
      const packed = scratch(backend, Math.ceil(outChannels / BLOCK) * BLOCK * taps);
      const spare = scratch(backend, 4 * BLOCK);
      const frame = framed ? scratch(backend, rows * columns * inChannels) : undefined;
      if (frame) floats(backend, frame).fill(0);

      const module = simdModule(backend);
      const xRowBytes = inWidth * inChannels * FLOAT;
      const rowBytes = framed ? columns * inChannels * FLOAT : xRowBytes;
      const copiedRows = Math.max(0, Math.min(inHeight, rows - top));
      const copiedBytes = Math.max(0, Math.min(inWidth, columns - left)) * inChannels * FLOAT;
      const at = pointers(backend, { x, y, filter, packed, spare });
      module.packFilters(at.filter, at.packed, taps, outChannels);
      for (let n = 0; n < batchSize; n++) {
        let image = at.x + n * inHeight * xRowBytes;
        if (frame) {
          const to = pointer(backend, frame);
          const inside = to + top * rowBytes + left * inChannels * FLOAT;
          module.copyRows(image, inside, copiedRows, copiedBytes, xRowBytes, rowBytes);
          image = to;
        }
        module.convolution(
          image,
          rowBytes,
          stepY * rowBytes,
          stepX * inChannels * FLOAT,
          at.packed,
          outHeight,
          outWidth,
          at.y + n * outHeight * outWidth * outChannels * FLOAT,
          info.filterHeight,
          span,
          outChannels,
          at.spare,
        );
      }
      release(backend, packed, spare);
      if (frame) release(backend, frame);
      return y;
    },
  };
}
