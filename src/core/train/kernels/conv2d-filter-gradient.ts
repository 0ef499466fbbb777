/**
 * Conv2DBackpropFilter, which tfjs-backend-wasm lacks, by its fast forward convolution: the images' channels become
 * examples and the examples become channels. x as [C, H, W, N] convolved with dy as the filter [H′, W′, N, C′], its
 * taps dilated by the stride, gives [C, KH, KW, C′].
 */
import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import type { Tf } from '../engines/engine';
import { input, padding, pair, roundingMode, shape4 } from './kernel-arguments';
import { allocate, floats, release, wasmBackend } from './wasm-heap';

export function conv2dFilterGradient(tf: Tf, conv2d: KernelFunc): KernelConfig {
  return {
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'x');
      const dy = input(inputs, 'dy');
      const [stepY, stepX] = pair(attrs['strides'], 'strides');
      const info = tf.backend_util.computeConv2DInfo(
        shape4(x.shape),
        shape4(attrs['filterShape']),
        [stepY, stepX],
        1,
        padding(attrs['pad']),
        roundingMode(attrs['dimRoundingMode']),
      );
      const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
      const { filterHeight, filterWidth, padInfo } = info;
      // Rows that the forward convolution reads; beyond them, valid padding or a long stride leave some unread.
      const readY = (outHeight - 1) * stepY + filterHeight - padInfo.top;
      const readX = (outWidth - 1) * stepX + filterWidth - padInfo.left;
      const height = Math.min(inHeight, readY);
      const width = Math.min(inWidth, readX);

      const xByChannel = allocate(backend, [inChannels, height, width, batchSize]);
      const dyAsFilter = allocate(backend, [outHeight, outWidth, batchSize, outChannels]);
      examplesLast(
        floats(backend, x),
        floats(backend, xByChannel),
        [batchSize, inHeight, inWidth, inChannels],
        height,
        width,
      );
      examplesThird(floats(backend, dy), floats(backend, dyAsFilter), batchSize, outChannels);
      const out = conv2d({
        inputs: { x: xByChannel, filter: dyAsFilter },
        backend,
        attrs: {
          strides: [1, 1],
          dilations: [stepY, stepX],
          dataFormat: 'NHWC',
          pad: [
            [0, 0],
            [padInfo.top, readY - height],
            [padInfo.left, readX - width],
            [0, 0],
          ],
        },
      });
      if (Array.isArray(out)) throw new Error('conv2d returned several tensors');
      release(backend, xByChannel, dyAsFilter);

      const dw = allocate(backend, info.filterShape);
      const from = floats(backend, out);
      const to = floats(backend, dw);
      const taps = filterHeight * filterWidth;
      for (let c = 0; c < inChannels; c++) {
        for (let k = 0; k < taps; k++) {
          const source = (c * taps + k) * outChannels;
          to.set(from.subarray(source, source + outChannels), (k * inChannels + c) * outChannels);
        }
      }
      release(backend, out);
      return dw;
    },
  };
}

/** [N, H, W, C] → [C, height, width, N], cropped at the bottom and right. Square tiles keep both sides in cache. */
function examplesLast(
  from: Float32Array,
  to: Float32Array,
  [examples, rows, columns, channels]: readonly [number, number, number, number],
  height: number,
  width: number,
): void {
  const TILE = 16;
  const plane = rows * columns * channels;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = (y * columns + x) * channels;
      const target = (y * width + x) * examples;
      for (let n0 = 0; n0 < examples; n0 += TILE) {
        const n1 = Math.min(n0 + TILE, examples);
        for (let c = 0; c < channels; c++) {
          const row = c * height * width * examples + target;
          for (let n = n0; n < n1; n++) to[row + n] = from[n * plane + source + c]!;
        }
      }
    }
  }
}

/** [N, P, C] → [P, N, C]. */
function examplesThird(
  from: Float32Array,
  to: Float32Array,
  examples: number,
  channels: number,
): void {
  const pixels = from.length / (examples * channels);
  let at = 0;
  for (let p = 0; p < pixels; p++) {
    for (let n = 0; n < examples; n++) {
      const source = (n * pixels + p) * channels;
      for (let c = 0; c < channels; c++) to[at++] = from[source + c]!;
    }
  }
}
