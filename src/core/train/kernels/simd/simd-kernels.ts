/**
 * SIMD kernels in place of the plain ones of batch-norm-kernels.ts and fake-quantize-kernels.ts, which stay as their
 * reference. The same arithmetic in float32 with float64 sums per 64 pixels.
 */
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import { BATCH_NORM, corners, gridOfOutput, passing } from '../batch-norm-kernels';
import { FAKE_QUANTIZE } from '../fake-quantize-kernels';
import { input, number } from '../kernel-arguments';
import { gridOf } from '../quantization-grid';
import { allocate, floats, release, type BackendWasm } from '../wasm-heap';
import { wasmKernels } from '../wasm-kernels';
import { memoryOf, pointer, pointers, scratch, simdModule } from './simd-module';

export function simdKernels(): KernelConfig[] {
  return wasmKernels({
    [BATCH_NORM.moments]: moments,
    [BATCH_NORM.apply]: apply,
    [BATCH_NORM.gradient]: gradient,
    [FAKE_QUANTIZE.forward]: quantize,
    [FAKE_QUANTIZE.gradient]: quantizeGradient,
  });
}

function moments(inputs: NamedTensorInfoMap, backend: BackendWasm) {
  const x = input(inputs, 'x');
  const channels = x.shape.at(-1)!;
  const mean = allocate(backend, [channels]);
  const variance = allocate(backend, [channels]);
  // origin f32, sums f64, squares f64; an even start for the doubles.
  const even = channels + (channels % 2);
  const work = scratch(backend, even + 4 * channels);
  const at = pointer(backend, work);
  const values = floats(backend, x);
  const origin = floats(backend, work).fill(0);
  origin.set(values.subarray(0, channels));
  const pixels = values.length / channels;
  const sumsAt = at + 4 * even;
  const squaresAt = sumsAt + 8 * channels;
  simdModule(backend).moments(pointer(backend, x), pixels, channels, at, sumsAt, squaresAt);
  const sums = doubles(backend, sumsAt, channels);
  const squares = doubles(backend, squaresAt, channels);
  const [m, v] = [floats(backend, mean), floats(backend, variance)];
  for (let c = 0; c < channels; c++) {
    const shift = sums[c]! / pixels;
    m[c] = origin[c]! + shift;
    v[c] = Math.max(0, squares[c]! / pixels - shift * shift);
  }
  release(backend, work);
  return [mean, variance];
}

function doubles(backend: BackendWasm, offset: number, length: number): Float64Array {
  return new Float64Array(memoryOf(backend).buffer, offset, length);
}

/** Per channel z = a·x + b, before the activation. */
function factors(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
): { a: Float32Array; b: Float32Array; inverse: Float64Array } {
  const mean = floats(backend, input(inputs, 'mean'));
  const variance = floats(backend, input(inputs, 'variance'));
  const gamma = floats(backend, input(inputs, 'gamma'));
  const beta = floats(backend, input(inputs, 'beta'));
  const epsilon = number(attrs, 'epsilon');
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const a = Float32Array.from(inverse, (r, c) => r * gamma[c]!);
  const b = Float32Array.from(a, (scale, c) => beta[c]! - mean[c]! * scale);
  return { a, b, inverse };
}

/** Pixels × channels that are rounded while the nearest cache still has them. */
const BAND_VALUES = 4096;

function apply(inputs: NamedTensorInfoMap, backend: BackendWasm, attrs: NamedAttrMap | undefined) {
  const x = input(inputs, 'x');
  const channels = x.shape.at(-1)!;
  const y = allocate(backend, x.shape);
  const work = scratch(backend, 2 * channels);
  const { a, b } = factors(inputs, backend, attrs);
  const table = floats(backend, work);
  table.set(a);
  table.set(b, channels);
  const [low, high] = corners(attrs);
  const grid = gridOfOutput(attrs);
  const pixels = floats(backend, x).length / channels;
  const band = grid ? Math.max(1, Math.floor(BAND_VALUES / channels)) : pixels;
  const at = pointer(backend, work);
  let [from, to] = [pointer(backend, x), pointer(backend, y)];
  const module = simdModule(backend);
  for (let first = 0; first < pixels; first += band) {
    const count = Math.min(band, pixels - first);
    module.affine(from, to, count, channels, at, at + 4 * channels, low, high);
    if (grid) module.fakeQuantize(to, to, count * channels, grid.scale, grid.low, grid.high);
    from += 4 * count * channels;
    to += 4 * count * channels;
  }
  release(backend, work);
  return y;
}

function gradient(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
) {
  const x = input(inputs, 'x');
  const dy = input(inputs, 'dy');
  const channels = x.shape.at(-1)!;
  const dx = allocate(backend, x.shape);
  const dGamma = allocate(backend, [channels]);
  const dBeta = allocate(backend, [channels]);
  // f64: sums, dots; f32: a, b, slope, level.
  const work = scratch(backend, 8 * channels);
  const { a, b, inverse } = factors(inputs, backend, attrs);
  const table = floats(backend, work).fill(0);
  table.set(a, 4 * channels);
  table.set(b, 5 * channels);
  const at = pointer(backend, work);
  const field = (index: number): number => at + 4 * channels * index;
  const [low, high] = passing(attrs);
  const mean = input(inputs, 'mean');
  const pixels = floats(backend, x).length / channels;
  const module = simdModule(backend);
  const tensors = pointers(backend, { x, dy, mean, dx });
  module.affineSums(
    tensors.x,
    tensors.dy,
    pixels,
    channels,
    field(4),
    field(5),
    tensors.mean,
    low,
    high,
    field(0),
    field(2),
  );
  const sums = doubles(backend, field(0), channels);
  const dots = doubles(backend, field(2), channels);
  const means = floats(backend, mean);
  const [gammaOut, betaOut] = [floats(backend, dGamma), floats(backend, dBeta)];
  // dx = a·(dz − Σdz/M − x̂·Σ(dz·x̂)/M) = a·dz − slope·x − level
  for (let c = 0; c < channels; c++) {
    const slope = (a[c]! * inverse[c]! * inverse[c]! * dots[c]!) / pixels;
    table[6 * channels + c] = slope;
    table[7 * channels + c] = (a[c]! * sums[c]!) / pixels - slope * means[c]!;
    gammaOut[c] = dots[c]! * inverse[c]!;
    betaOut[c] = sums[c]!;
  }
  module.affineGradient(
    tensors.x,
    tensors.dy,
    tensors.dx,
    pixels,
    channels,
    field(4),
    field(5),
    field(6),
    field(7),
    low,
    high,
  );
  release(backend, work);
  return [dx, dGamma, dBeta];
}

function quantize(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
) {
  const x = input(inputs, 'x');
  const y = allocate(backend, x.shape);
  const { scale, low, high } = gridOf(attrs);
  const count = floats(backend, x).length;
  const at = pointers(backend, { x, y });
  simdModule(backend).fakeQuantize(at.x, at.y, count, scale, low, high);
  return y;
}

function quantizeGradient(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
) {
  const x = input(inputs, 'x');
  const dx = allocate(backend, x.shape);
  const { scale, low, high } = gridOf(attrs);
  const at = pointers(backend, { x, dy: input(inputs, 'dy'), dx });
  const count = floats(backend, x).length;
  simdModule(backend).fakeQuantizeGradient(at.x, at.dy, at.dx, count, scale, low, high);
  return dx;
}
