/**
 * A bias added to every pixel, its gradient, the sum of all pixels, and the mean of each image's pixels. The backend's own
 * Add looks up each operand of a broadcast by its indices, and its Sum and Mean turn the tensor round first: each costs as
 * much as a small convolution.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { input } from './kernel-arguments';
import { memoryOf, pointer, scratch, simdModule } from './simd/simd-module';
import { allocate, floats, release, wasmBackend, type BackendWasm } from './wasm-heap';

/** Add where `b` is [channels] and float32; `original` does the rest. The same bits. */
export function addBias(original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const a = input(call.inputs, 'a');
      const b = input(call.inputs, 'b');
      const channels = a.shape.at(-1);
      const isBias = a.shape.length > 1 && b.shape.length === 1 && b.shape[0] === channels;
      if (!isBias || !isFloat(a) || !isFloat(b) || !channels) return original.kernelFunc(call);
      const backend = wasmBackend(call.backend);
      const y = allocate(backend, a.shape);
      const [from, bias, to] = [a, b, y].map((t) => pointer(backend, t)) as [
        number,
        number,
        number,
      ];
      const pixels = floats(backend, a).length / channels;
      simdModule(backend).addToChannels(from, bias, to, pixels, channels);
      return y;
    },
  };
}

/** Sum over all axes but the last, of float32; `original` does the rest. Sums of 64 pixels are added up in float64. */
export function sumOfChannels(original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const x = input(call.inputs, 'x');
      const { axis, keepDims } = call.attrs ?? {};
      const channels = x.shape.at(-1);
      if (!isFloat(x) || keepDims === true || !leavesLast(axis, x) || !channels) {
        return original.kernelFunc(call);
      }
      const backend = wasmBackend(call.backend);
      const out = allocate(backend, [channels]);
      sumPixels(backend, x, 1, out);
      return out;
    },
  };
}

/** Mean over height and width of float32 [N, H, W, C]; `original` does the rest. Sums as in sumOfChannels. */
export function meanOfImages(original: KernelConfig): KernelConfig {
  return {
    ...original,
    kernelFunc: (call) => {
      const x = input(call.inputs, 'x');
      const { axis, keepDims } = call.attrs ?? {};
      const [images = 0, height = 0, width = 0, channels = 0] = x.shape;
      const ours = x.shape.length === 4 && String(axis) === '1,2' && isFloat(x);
      if (!ours || images * height * width * channels === 0) return original.kernelFunc(call);
      const backend = wasmBackend(call.backend);
      const out = allocate(
        backend,
        keepDims === true ? [images, 1, 1, channels] : [images, channels],
      );
      sumPixels(backend, x, images, out, height * width);
      return out;
    },
  };
}

/** out [images, channels] = Σ x / `divisor` over the pixels of each image. */
function sumPixels(
  backend: BackendWasm,
  x: TensorInfo,
  images: number,
  out: TensorInfo,
  divisor = 1,
): void {
  const channels = x.shape.at(-1)!;
  const pixels = floats(backend, x).length / channels / images;
  const sums = scratch(backend, 2 * images * channels);
  floats(backend, sums).fill(0);
  const [from, at] = [pointer(backend, x), pointer(backend, sums)];
  for (let n = 0; n < images; n++) {
    const image = from + 4 * n * pixels * channels;
    simdModule(backend).channelSums(image, pixels, channels, at + 8 * n * channels);
  }
  const found = new Float64Array(memoryOf(backend).buffer, at, images * channels);
  floats(backend, out).set(found.map((sum) => sum / divisor));
  release(backend, sums);
}

function isFloat(tensor: TensorInfo): boolean {
  return tensor.dtype === 'float32';
}

/** Whether the axes are all but the last, each once and none counted from behind. */
function leavesLast(axis: unknown, { shape }: TensorInfo): boolean {
  if (!Array.isArray(axis) || axis.length !== shape.length - 1 || axis.length === 0) return false;
  return shape.slice(0, -1).every((_, i) => axis.includes(i));
}
