import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { memoryOf } from '../../../src/core/train/kernels/simd/simd-module';
import { wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
import { suitsWinograd } from '../../../src/core/train/kernels/winograd';
import { createRandom } from '../../../src/core/util/random';
import { randomValues } from './compare';
import {
  CONVOLUTION_KERNELS,
  runConvolution,
  type ConvolutionInfo,
  type ConvolutionInputs as Inputs,
  type ConvolutionKernel as Kernel,
  type Pad,
} from './convolution-kernels';
import { ROUNDINGS, withRounding } from './rounding';

beforeAll(async () => {
  await openEngine('wasm');
});

const NAMES = {
  forward: tf.Conv2D,
  input: tf.Conv2DBackpropInput,
  filter: tf.Conv2DBackpropFilter,
};

interface Case {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
  readonly filters: number;
  readonly pad: Pad;
}

const named: Case[] = [
  { x: [3, 32, 32, 8], filters: 16, pad: 'same' },
  { x: [20, 4, 4, 64], filters: 64, pad: 'same' },
  // Rows of tiles that are more than one group.
  { x: [1, 8, 100, 16], filters: 128, pad: 'same' },
  // Tiles that hang over the right and lower border by one, two and three.
  { x: [2, 15, 14, 12], filters: 20, pad: 'same' },
  { x: [1, 13, 7, 4], filters: 4, pad: 'same' },
  { x: [3, 3, 3, 8], filters: 12, pad: 'same' },
  { x: [2, 2, 7, 4], filters: 8, pad: 'same' },
  { x: [2, 10, 9, 4], filters: 8, pad: 'valid' },
  // As the input gradient of a `valid` convolution asks for them, and lopsided ones.
  {
    x: [2, 6, 7, 8],
    filters: 4,
    pad: [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ],
  },
  {
    x: [2, 7, 6, 4],
    filters: 4,
    pad: [
      [0, 0],
      [0, 2],
      [2, 1],
      [0, 0],
    ],
  },
  {
    x: [1, 4, 4, 4],
    filters: 4,
    pad: [
      [0, 0],
      [0, 7],
      [1, 9],
      [0, 0],
    ],
  },
];

function randomCases(count: number): Case[] {
  const random = createRandom(41);
  return Array.from({ length: count }, (): Case => {
    const pad = random.int(3) > 0 ? 'same' : 'valid';
    const least = pad === 'valid' ? 5 : 3;
    const side = (): number => least + random.int(14);
    return {
      x: [1 + random.int(4), side(), side(), 4 * (1 + random.int(9))],
      filters: 4 * (1 + random.int(9)),
      pad,
    };
  });
}

function infoOf({ x, filters, pad }: Case): ConvolutionInfo {
  return tf.backend_util.computeConv2DInfo([...x], [3, 3, x[3], filters], 1, 1, pad);
}

function inputsOf(c: Case, change = (v: Float32Array): Float32Array => v): Inputs {
  const { inShape, outShape, filterShape } = infoOf(c);
  const values = (shape: number[], seed: number): Float32Array =>
    change(randomValues(tf.util.sizeFromShape(shape), seed));
  return { x: values(inShape, 1), w: values(filterShape, 2), dy: values(outShape, 3) };
}

/** The kernel under test. */
function run(kernel: Kernel, c: Case, inputs: Inputs): Float32Array {
  return runConvolution(NAMES, kernel, infoOf(c), c.pad, inputs);
}

/** The slow twin: every product, in float64, and the sum of their sizes. */
function sums(kernel: Kernel, c: Case, { x, w, dy }: Inputs): [Float64Array, Float64Array] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } =
    infoOf(c);
  const length = { forward: dy.length, input: x.length, filter: w.length }[kernel];
  const [exact, size] = [new Float64Array(length), new Float64Array(length)];
  for (let n = 0; n < batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let tap = 0; tap < 9; tap++) {
          const iy = oy - padInfo.top + Math.floor(tap / 3);
          const ix = ox - padInfo.left + (tap % 3);
          if (iy < 0 || iy >= inHeight || ix < 0 || ix >= inWidth) continue;
          const pixel = ((n * outHeight + oy) * outWidth + ox) * outChannels;
          const cell = ((n * inHeight + iy) * inWidth + ix) * inChannels;
          for (let i = 0; i < inChannels; i++) {
            const weights = (tap * inChannels + i) * outChannels;
            for (let o = 0; o < outChannels; o++) {
              let [at, product] = [pixel + o, x[cell + i]! * w[weights + o]!];
              if (kernel === 'input') {
                [at, product] = [cell + i, dy[pixel + o]! * w[weights + o]!];
              } else if (kernel === 'filter') {
                [at, product] = [weights + o, dy[pixel + o]! * x[cell + i]!];
              }
              exact[at] = exact[at]! + product;
              size[at] = size[at]! + Math.abs(product);
            }
          }
        }
      }
    }
  }
  return [exact, size];
}

/** The largest error of either build, in units of the tensor's largest sum of sizes; one rounding of float32 is 6 · 10⁻⁸. */
function worstError(kernel: Kernel, c: Case, inputs: Inputs): number {
  const [exact, size] = sums(kernel, c, inputs);
  const scale = size.reduce((largest, v) => Math.max(largest, v), 0);
  const errors = ROUNDINGS.flatMap((rounding) => {
    const found = withRounding(rounding, () => run(kernel, c, inputs));
    expect(found.length).toBe(exact.length);
    return Array.from(found, (v, i) => Math.abs(v - exact[i]!) / scale);
  });
  return errors.reduce((worst, error) => (error <= worst ? worst : error), 0);
}

const cases = [...named, ...randomCases(40)].filter((c) => suitsWinograd(infoOf(c)));

describe.each(CONVOLUTION_KERNELS)('Winograd, %s', (kernel) => {
  test.each(cases.map((c) => [JSON.stringify(c), c] as const))(
    'is as exact as float32 allows: %s',
    (_, c) => {
      expect(worstError(kernel, c, inputsOf(c))).toBeLessThan(1e-6);
    },
  );

  it('keeps its relative error with very large, very small and one-sided values', () => {
    const c: Case = { x: [2, 9, 10, 12], filters: 20, pad: 'same' };
    const changes: ((v: Float32Array) => Float32Array)[] = [
      (v) => v.map((value) => value * 1e15),
      (v) => v.map((value) => value * 1e-15),
      (v) => v.map((value) => Math.max(0, value)),
      (v) => v.map((value) => value + 30),
      (v) => v.map((value, i) => (i % 7 === 0 ? value : 0)),
    ];
    for (const change of changes) {
      expect(worstError(kernel, c, inputsOf(c, change))).toBeLessThan(1e-6);
    }
    expect(
      run(
        kernel,
        c,
        inputsOf(c, (v) => v.fill(0)),
      ).every((v) => v === 0),
    ).toBe(true);
  });

  it('gives the same bits again, whatever the memory held before', () => {
    const c: Case = { x: [5, 7, 11, 8], filters: 12, pad: 'same' };
    const inputs = inputsOf(c);
    const first = run(kernel, c, inputs);
    const rubbish = Array.from({ length: 30 }, (_, i) => tf.fill([1000 * (i + 1)], NaN));
    tf.dispose(rubbish);
    expect(run(kernel, c, inputs)).toEqual(first);
  });

  it('leaves nothing behind and needs no more memory the second time', () => {
    const c: Case = { x: [8, 16, 16, 16], filters: 16, pad: 'same' };
    const inputs = inputsOf(c);
    const backend = wasmBackend(tf.backend());
    const tensors = backend.numDataIds();
    run(kernel, c, inputs);
    const bytes = memoryOf(backend).buffer.byteLength;
    for (let i = 0; i < 50; i++) run(kernel, c, inputs);
    expect(memoryOf(backend).buffer.byteLength).toBe(bytes);
    expect(backend.numDataIds()).toBe(tensors);
  });
});

describe.each(['forward', 'input'] as const)('Winograd, %s, of a batch', (kernel) => {
  it('gives each image what it gets alone, also beside one of NaN and infinities', () => {
    const c: Case = { x: [7, 6, 9, 8], filters: 12, pad: 'same' };
    const { x, w, dy } = inputsOf(c);
    x.fill(NaN, 0, x.length / 7);
    dy.fill(Infinity, 0, dy.length / 7);
    const all = run(kernel, c, { x, w, dy });
    const one: Case = { ...c, x: [1, 6, 9, 8] };
    for (let n = 1; n < 7; n++) {
      const part = (values: Float32Array): Float32Array => {
        const length = values.length / 7;
        return values.slice(n * length, (n + 1) * length);
      };
      const alone = run(kernel, one, { x: part(x), w, dy: part(dy) });
      expect(part(all)).toEqual(alone);
      expect(alone.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('which convolutions suit Winograd', () => {
  const suits = (x: Case['x'], filters: number, kernel = 3, stride = 1, dilation = 1): boolean =>
    suitsWinograd(
      tf.backend_util.computeConv2DInfo(
        [...x],
        [kernel, kernel, x[3], filters],
        stride,
        dilation,
        'same',
      ),
    );
  it('3×3, stride 1, channels and filters by four, enough outputs per tile', () => {
    expect(suits([1, 32, 32, 8], 16)).toBe(true);
    expect(suits([1, 4, 4, 128], 128)).toBe(true);
    expect(suits([1, 5, 5, 4], 4)).toBe(true);
    expect(suits([1, 2, 2, 64], 64)).toBe(false);
    expect(suits([1, 1, 64, 64], 64)).toBe(false);
    expect(suits([1, 32, 32, 3], 16)).toBe(false);
    expect(suits([1, 32, 32, 16], 10)).toBe(false);
    expect(suits([1, 32, 32, 16], 16, 5)).toBe(false);
    expect(suits([1, 32, 32, 16], 16, 3, 2)).toBe(false);
    expect(suits([1, 32, 32, 16], 16, 3, 1, 2)).toBe(false);
  });
});
