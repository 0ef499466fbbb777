/**
 * The gradients of depthwise convolution, which tfjs-backend-wasm lacks. 3×3 taps of stride 1 have loops of their own
 * (depthwise3.ts), also for the forward pass. The others walk the same (output pixel, tap) pairs as the forward pass,
 * channels innermost: in SIMD where the channels are a multiple of 4, in JavaScript otherwise.
 */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import {
  depthwise3,
  depthwise3FilterGradient,
  depthwise3InputGradient,
  suitsDepthwise3,
} from './depthwise3';
import { convolutionInfo, type Info } from './geometry';
import { input } from './kernel-arguments';
import { forEachImage, suitsSimd } from './simd/for-each-image';
import { pointers, simdModule } from './simd/simd-module';
import type { Tf } from './tf';
import { allocate, floats, wasmBackend } from './wasm-heap';

type KernelCall = Parameters<KernelConfig['kernelFunc']>[0];

/** The forward pass; `original` does what depthwise3.ts does not. */
export function depthwiseConv2d(tf: Tf, original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const { inputs, attrs = {} } = call;
      const x = input(inputs, 'x');
      const filter = input(inputs, 'filter');
      const info = convolutionInfo(tf, attrs, x.shape, filter.shape, 'depthwise');
      if (!suitsDepthwise3(info)) return original.kernelFunc(sideBySide(call, info));
      const backend = wasmBackend(call.backend);
      const y = allocate(backend, info.outShape);
      depthwise3(backend, info, x, filter, y);
      return y;
    },
  };
}

/**
 * The backend's own kernel reads other cells than it should where it pads "same" itself and a stride is larger than the
 * filter, and the right ones where it is told the padding of each side.
 */
function sideBySide(call: KernelCall, { padInfo, ...info }: Info): KernelCall {
  const leaps = info.strideHeight > info.filterHeight || info.strideWidth > info.filterWidth;
  if (padInfo.type !== 'SAME' || !leaps) return call;
  const { top, bottom, left, right } = padInfo;
  const pad = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return { ...call, attrs: { ...call.attrs, pad } };
}

export function depthwiseInputGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.DepthwiseConv2dNativeBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const filter = input(inputs, 'filter');
      const info = convolutionInfo(tf, attrs, attrs['inputShape'], filter.shape, 'depthwise');
      const multiplier = info.outChannels / info.inChannels;
      const gradient = input(inputs, 'dy');
      const dx = allocate(backend, info.inShape);
      if (suitsDepthwise3(info)) {
        depthwise3InputGradient(backend, info, gradient, filter, dx);
        return dx;
      }
      const weights = floats(backend, filter);
      const dy = floats(backend, gradient);
      const out = floats(backend, dx).fill(0);
      if (suitsSimd(info)) {
        const at = pointers(backend, { dx, gradient, filter });
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).depthwiseInputGradient(
            at.dx + image,
            at.gradient + pixels,
            at.filter,
            ...geometry,
          );
        });
        return dx;
      }
      const channels = info.inChannels;
      forEachTap(info, (cell, tap, pixel) => {
        if (multiplier === 1) {
          for (let c = 0; c < channels; c++) {
            out[cell + c] = out[cell + c]! + weights[tap + c]! * dy[pixel + c]!;
          }
          return;
        }
        for (let o = 0; o < channels * multiplier; o++) {
          const at = cell + Math.floor(o / multiplier);
          out[at] = out[at]! + weights[tap + o]! * dy[pixel + o]!;
        }
      });
      return dx;
    },
  };
}

export function depthwiseFilterGradient(tf: Tf): KernelConfig {
  return {
    kernelName: tf.DepthwiseConv2dNativeBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const x = input(inputs, 'x');
      const info = convolutionInfo(tf, attrs, x.shape, attrs['filterShape'], 'depthwise');
      const multiplier = info.outChannels / info.inChannels;
      const gradient = input(inputs, 'dy');
      const dw = allocate(backend, info.filterShape);
      if (suitsDepthwise3(info)) {
        depthwise3FilterGradient(backend, info, x, gradient, dw);
        return dw;
      }
      if (suitsSimd(info)) {
        floats(backend, dw).fill(0);
        const at = pointers(backend, { x, gradient, dw });
        forEachImage(info, (image, pixels, geometry) => {
          simdModule(backend).depthwiseFilterGradient(
            at.x + image,
            at.gradient + pixels,
            at.dw,
            ...geometry,
          );
        });
        return dw;
      }
      const values = floats(backend, x);
      const dy = floats(backend, gradient);
      const channels = info.inChannels;
      // One sum over the whole batch per weight: doubles, so that its error does not grow with the batch.
      const sums = new Float64Array(info.filterHeight * info.filterWidth * channels * multiplier);
      forEachTap(info, (cell, tap, pixel) => {
        if (multiplier === 1) {
          for (let c = 0; c < channels; c++) {
            sums[tap + c] = sums[tap + c]! + values[cell + c]! * dy[pixel + c]!;
          }
          return;
        }
        for (let o = 0; o < channels * multiplier; o++) {
          const value = values[cell + Math.floor(o / multiplier)]!;
          sums[tap + o] = sums[tap + o]! + value * dy[pixel + o]!;
        }
      });
      floats(backend, dw).set(sums);
      return dw;
    },
  };
}

/** Calls with the offsets of the input cell [C], the tap [C·multiplier] and the output pixel [C·multiplier]. */
function forEachTap(info: Info, visit: (cell: number, tap: number, pixel: number) => void): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  for (let n = 0; n < info.batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ky = 0; ky < info.filterHeight; ky++) {
        const y = oy * info.strideHeight - info.padInfo.top + ky * info.dilationHeight;
        if (y < 0 || y >= inHeight) continue;
        for (let ox = 0; ox < outWidth; ox++) {
          const pixel = ((n * outHeight + oy) * outWidth + ox) * outChannels;
          for (let kx = 0; kx < info.filterWidth; kx++) {
            const x = ox * info.strideWidth - info.padInfo.left + kx * info.dilationWidth;
            if (x < 0 || x >= inWidth) continue;
            const cell = ((n * inHeight + y) * inWidth + x) * inChannels;
            visit(cell, (ky * info.filterWidth + kx) * outChannels, pixel);
          }
        }
      }
    }
  }
}
