/** The wasm kernels behind batchNormTrain: two passes over x forward, two over x and dy backward, nothing stored between. */
import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import { input, number } from './kernel-arguments';
import { clampedFrom, gridOf, onGrid, type Grid } from './quantization-grid';
import { allocate, floats, type BackendWasm } from './wasm-heap';
import { wasmKernels } from './wasm-kernels';

export type FusedActivation = 'none' | 'relu' | 'relu6';

export const BATCH_NORM = {
  /** x → mean [C], variance [C] */
  moments: 'TrainBatchNormMoments',
  /** x, mean, variance, gamma, beta → y; with a grid (quantization-grid.ts) among the attributes, rounded to it */
  apply: 'TrainBatchNormApply',
  /** The same attributes; dy, x, mean, variance, gamma, beta → dx, dGamma, dBeta */
  gradient: 'TrainBatchNormGradient',
} as const;

/** On libtensorflow (native-kernels.ts), whose operations cut it differently. */
export const NATIVE_BATCH_NORM = {
  /** x, gamma, beta → y, mean [C], variance [C] */
  forward: 'TrainNativeBatchNorm',
  /** dy, x, gamma, y, mean, variance → dx, dGamma, dBeta */
  gradient: 'TrainNativeBatchNormGradient',
} as const;

export function batchNormKernels(): KernelConfig[] {
  return wasmKernels({
    [BATCH_NORM.moments]: moments,
    [BATCH_NORM.apply]: apply,
    [BATCH_NORM.gradient]: gradient,
  });
}

function moments(inputs: NamedTensorInfoMap, backend: BackendWasm) {
  const x = input(inputs, 'x');
  const channels = x.shape.at(-1)!;
  const mean = allocate(backend, [channels]);
  const variance = allocate(backend, [channels]);
  const values = floats(backend, x);
  // Sums of differences from the first pixel: the variance of values far from zero loses no digits.
  const origin = Float64Array.from(values.subarray(0, channels));
  const sum = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < values.length; i += channels) {
    for (let c = 0; c < channels; c++) {
      const d = values[i + c]! - origin[c]!;
      sum[c] = sum[c]! + d;
      squares[c] = squares[c]! + d * d;
    }
  }
  const count = values.length / channels;
  const [m, v] = [floats(backend, mean), floats(backend, variance)];
  for (let c = 0; c < channels; c++) {
    const shift = sum[c]! / count;
    m[c] = origin[c]! + shift;
    v[c] = Math.max(0, squares[c]! / count - shift * shift);
  }
  return [mean, variance];
}

/** Per channel y = a·x + b before the activation. */
function affine(inputs: NamedTensorInfoMap, backend: BackendWasm, attrs: NamedAttrMap | undefined) {
  const mean = floats(backend, input(inputs, 'mean'));
  const variance = floats(backend, input(inputs, 'variance'));
  const gamma = floats(backend, input(inputs, 'gamma'));
  const beta = floats(backend, input(inputs, 'beta'));
  const epsilon = number(attrs, 'epsilon');
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const a = inverse.map((r, c) => r * gamma[c]!);
  const b = a.map((scale, c) => beta[c]! - mean[c]! * scale);
  return { mean, gamma, inverse, a, b };
}

/** What y is clamped to. */
export function corners(attrs: NamedAttrMap | undefined): [low: number, high: number] {
  switch (attrs?.['activation']) {
    case 'none':
      return [-Infinity, Infinity];
    case 'relu':
      return [0, Infinity];
    case 'relu6':
      return [0, 6];
    default:
      throw new Error(`unknown activation ${String(attrs?.['activation'])}`);
  }
}

/** The grid that y is rounded to, if it is. */
export function gridOfOutput(attrs: NamedAttrMap | undefined): Grid | undefined {
  return attrs && 'scale' in attrs ? gridOf(attrs) : undefined;
}

/** Values before the activation pass their gradient strictly between these: its corners, or where the grid clamps. */
export function passing(attrs: NamedAttrMap | undefined): [low: number, high: number] {
  const [low, high] = corners(attrs);
  const grid = gridOfOutput(attrs);
  if (!grid) return [low, high];
  const [below, above] = clampedFrom(grid);
  return [Math.max(low, below), Math.min(high, above)];
}

function apply(inputs: NamedTensorInfoMap, backend: BackendWasm, attrs: NamedAttrMap | undefined) {
  const x = input(inputs, 'x');
  const channels = x.shape.at(-1)!;
  const y = allocate(backend, x.shape);
  const { a, b } = affine(inputs, backend, attrs);
  const [low, high] = corners(attrs);
  const grid = gridOfOutput(attrs);
  const values = floats(backend, x);
  const out = floats(backend, y);
  for (let i = 0; i < values.length; i += channels) {
    for (let c = 0; c < channels; c++) {
      const z = a[c]! * values[i + c]! + b[c]!;
      const value = z < low ? low : z > high ? high : z;
      out[i + c] = grid ? onGrid(Math.fround(value), grid) : value;
    }
  }
  return y;
}

function gradient(
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
) {
  const x = input(inputs, 'x');
  const channels = x.shape.at(-1)!;
  const dx = allocate(backend, x.shape);
  const dGamma = allocate(backend, [channels]);
  const dBeta = allocate(backend, [channels]);
  const { mean, inverse, a, b } = affine(inputs, backend, attrs);
  const [low, high] = passing(attrs);
  const values = floats(backend, x);
  const dy = floats(backend, input(inputs, 'dy'));
  const out = floats(backend, dx);
  const sum = new Float64Array(channels);
  const dot = new Float64Array(channels);
  for (let i = 0; i < values.length; i += channels) {
    for (let c = 0; c < channels; c++) {
      const value = values[i + c]!;
      const z = a[c]! * value + b[c]!;
      const dz = z > low && z < high ? dy[i + c]! : 0;
      sum[c] = sum[c]! + dz;
      dot[c] = dot[c]! + dz * (value - mean[c]!);
    }
  }
  // dx = a·(dz − Σdz/M − x̂·Σ(dz·x̂)/M) = a·dz − slope·x − level
  const count = values.length / channels;
  const slope = new Float64Array(channels);
  const level = new Float64Array(channels);
  const [gammaOut, betaOut] = [floats(backend, dGamma), floats(backend, dBeta)];
  for (let c = 0; c < channels; c++) {
    slope[c] = (a[c]! * inverse[c]! * inverse[c]! * dot[c]!) / count;
    level[c] = (a[c]! * sum[c]!) / count - slope[c]! * mean[c]!;
    gammaOut[c] = dot[c]! * inverse[c]!;
    betaOut[c] = sum[c]!;
  }
  for (let i = 0; i < values.length; i += channels) {
    for (let c = 0; c < channels; c++) {
      const value = values[i + c]!;
      const z = a[c]! * value + b[c]!;
      const dz = z > low && z < high ? dy[i + c]! : 0;
      out[i + c] = a[c]! * dz - slope[c]! * value - level[c]!;
    }
  }
  return [dx, dGamma, dBeta];
}
