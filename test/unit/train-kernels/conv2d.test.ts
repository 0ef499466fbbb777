import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { floats, wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
import { suitsWinograd } from '../../../src/core/train/kernels/winograd';
import { createRandom } from '../../../src/core/util/random';
import { closeTo, randomValues } from './compare';
import { hasFused, withRounding } from './rounding';

/** The backend's own, before the engine puts ours in its place. */
const original = tf.getKernel(tf.Conv2D, 'wasm');
beforeAll(async () => {
  await openEngine('wasm');
});

interface Case {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
  readonly filter: readonly [height: number, width: number, filters: number];
  readonly strides: readonly [number, number];
  readonly pad: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly dilations?: readonly [number, number];
}

const named: Case[] = [
  { x: [2, 32, 32, 3], filter: [3, 3, 8], strides: [1, 1], pad: 'same' },
  { x: [2, 16, 16, 16], filter: [3, 3, 32], strides: [2, 2], pad: 'same' },
  { x: [2, 25, 5, 64], filter: [1, 1, 64], strides: [1, 1], pad: 'same' },
  { x: [3, 8, 8, 16], filter: [1, 1, 32], strides: [2, 2], pad: 'same' },
  { x: [2, 49, 10, 1], filter: [10, 4, 64], strides: [2, 2], pad: 'same' },
  { x: [1, 1, 1, 1], filter: [1, 1, 1], strides: [1, 1], pad: 'valid' },
  { x: [3, 2, 1, 5], filter: [3, 3, 9], strides: [1, 1], pad: 'same' },
  { x: [1, 5, 3, 7], filter: [5, 3, 12], strides: [1, 1], pad: 'valid' },
  { x: [2, 9, 7, 5], filter: [2, 3, 13], strides: [3, 2], pad: 'valid' },
  // As the input gradient asks for them.
  {
    x: [2, 4, 4, 6],
    filter: [3, 3, 5],
    strides: [1, 1],
    pad: [
      [0, 0],
      [0, 2],
      [1, 0],
      [0, 0],
    ],
  },
  {
    x: [1, 1, 1, 4],
    filter: [3, 3, 4],
    strides: [1, 1],
    pad: [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ],
  },
  { x: [2, 9, 9, 3], filter: [3, 3, 4], strides: [1, 1], pad: 'same', dilations: [2, 2] },
];

function randomCases(count: number): Case[] {
  const random = createRandom(29);
  return Array.from({ length: count }, (): Case => {
    const [height, width] = [1 + random.int(5), 1 + random.int(5)];
    const pad = random.int(2) === 0 ? 'same' : 'valid';
    const least = pad === 'valid' ? [height, width] : [1, 1];
    return {
      x: [
        1 + random.int(3),
        least[0]! + random.int(12),
        least[1]! + random.int(12),
        1 + random.int(20),
      ],
      filter: [height, width, 1 + random.int(20)],
      strides: [1 + random.int(3), 1 + random.int(3)],
      pad,
    };
  });
}

function bits(kernel: tf.KernelConfig, c: Case, x: Float32Array, w: Float32Array): Int32Array {
  const backend = wasmBackend(tf.backend());
  const [height, width, filters] = c.filter;
  const inputs = {
    x: tf.tensor4d(x, [...c.x]),
    filter: tf.tensor4d(w, [height, width, c.x[3], filters]),
  };
  const out = kernel.kernelFunc({
    inputs,
    backend,
    attrs: {
      strides: [...c.strides],
      pad: typeof c.pad === 'string' ? c.pad : c.pad.map((p) => [...p]),
      dataFormat: 'NHWC',
      dilations: [...(c.dilations ?? [1, 1])],
    },
  });
  if (Array.isArray(out)) throw new Error('several outputs');
  const values = floats(backend, out).slice();
  backend.disposeData(out.dataId);
  tf.dispose(Object.values(inputs));
  return new Int32Array(values.buffer);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The backend's own gives zeros where a step is longer than the filter and padding is `same`. */
function isSound({ filter, strides, pad }: Case): boolean {
  return pad !== 'same' || (strides[0] <= filter[0] && strides[1] <= filter[1]);
}

/** The backend's own rounds each product and each sum. */
function expectSameBits(c: Case, x: Float32Array, w: Float32Array): void {
  const own = tf.getKernel(tf.Conv2D, 'wasm');
  expect(own.kernelFunc).not.toBe(original.kernelFunc);
  const expected = bits(original, c, x, w);
  const found = withRounding('plain', () => bits(own, c, x, w));
  // The backend's own makes −∞ of some NaN.
  const isNumber = new Float32Array(found.buffer).map((v) => (Number.isNaN(v) ? 0 : 1));
  expect(found.filter((_, i) => isNumber[i] === 1)).toEqual(
    expected.filter((_, i) => isNumber[i] === 1),
  );
}

/** Winograd's algorithm adds up other products; winograd.test.ts bounds its error. */
function isDirect(c: Case): boolean {
  return !suitsWinograd(infoOf(c));
}

function infoOf({ x, filter, strides, pad, dilations }: Case): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    [...x],
    [filter[0], filter[1], x[3], filter[2]],
    [...strides],
    dilations ? [...dilations] : 1,
    typeof pad === 'string' ? pad : [pair(pad[0]), pair(pad[1]), pair(pad[2]), pair(pad[3])],
  );
}

function pair(values: readonly [number, number] | undefined): [number, number] {
  return values ? [values[0], values[1]] : [0, 0];
}

const cases = [...named, ...randomCases(100)];
test.each(
  cases.filter((c) => isSound(c) && isDirect(c)).map((c) => [JSON.stringify(c), c] as const),
)("convolves to the bits of the backend's own: %s", (_, c) => {
  const x = randomValues(size(c.x), 1);
  const w = randomValues(size(c.filter) * c.x[3], 2);
  expectSameBits(c, x, w);

  // Infinities, NaN, denormals and values that overflow where they are added.
  const hostile = [Infinity, -Infinity, NaN, 1e-42, -0, 3e38, -3e38];
  x[0] = hostile[x.length % 7]!;
  w[w.length - 1] = hostile[w.length % 7]!;
  x[x.length >> 1] = hostile[(x.length + 3) % 7]!;
  expectSameBits(c, x, w);
});

/** y by sums that round once for each product, as far as these are exact in float64: those of integers below 2¹⁹ are. */
function fusedSums(c: Case, x: Float32Array, w: Float32Array): Int32Array {
  const [batch, height, width, channels] = c.x;
  const [kernelHeight, kernelWidth, filters] = c.filter;
  const { outHeight, outWidth, padInfo } = infoOf(c);
  const y: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let out = 0; out < outHeight * outWidth * filters; out++) {
      const [pixel, o] = [Math.floor(out / filters), out % filters];
      const top = Math.floor(pixel / outWidth) * c.strides[0] - padInfo.top;
      const left = (pixel % outWidth) * c.strides[1] - padInfo.left;
      let sum = 0;
      for (let tap = 0; tap < kernelHeight * kernelWidth * channels; tap++) {
        const [row, rest] = [
          Math.floor(tap / (kernelWidth * channels)),
          tap % (kernelWidth * channels),
        ];
        const [iy, ix] = [top + row, left + Math.floor(rest / channels)];
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        const value = x[((n * height + iy) * width + ix) * channels + (rest % channels)]!;
        sum = Math.fround(value * w[tap * filters + o]! + sum);
      }
      y.push(sum);
    }
  }
  return new Int32Array(Float32Array.from(y).buffer);
}

const undilated = cases.filter((c) => isDirect(c) && !c.dilations);
test.skipIf(!hasFused).each(undilated.map((c) => [JSON.stringify(c), c] as const))(
  'with fused multiply-add rounds each sum once: %s',
  (_, c) => {
    const integers = (count: number, seed: number): Float32Array => {
      const random = createRandom(seed);
      return Float32Array.from({ length: count }, () => random.int(2 ** 20) - 2 ** 19);
    };
    const x = integers(size(c.x), 1);
    const w = integers(size(c.filter) * c.x[3], 2);
    const own = tf.getKernel(tf.Conv2D, 'wasm');
    const fused = withRounding('fused', () => bits(own, c, x, w));
    expect(fused).toEqual(fusedSums(c, x, w));
  },
);

test.each(
  cases.filter(({ pad }) => typeof pad === 'string').map((c) => [JSON.stringify(c), c] as const),
)('agrees with the plain CPU backend: %s', async (_, c) => {
  const [height, width, filters] = c.filter;
  const pad = c.pad === 'same' ? 'same' : 'valid';
  const results: Float32Array[] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    results.push(
      tf.tidy(() => {
        const x = tf.tensor4d(randomValues(size(c.x), 1), [...c.x]);
        const w = tf.tensor4d(randomValues(size(c.filter) * c.x[3], 2), [
          height,
          width,
          c.x[3],
          filters,
        ]);
        const y = tf.conv2d(x, w, [...c.strides], pad, 'NHWC', [...(c.dilations ?? [1, 1])]);
        return Float32Array.from(y.dataSync());
      }),
    );
  }
  closeTo(results[1]!, results[0]!);
});

test('leaves no memory behind', () => {
  const own = tf.getKernel(tf.Conv2D, 'wasm');
  const before = wasmBackend(tf.backend()).numDataIds();
  bits(own, named[0]!, randomValues(2 * 32 * 32 * 3, 1), randomValues(3 * 3 * 3 * 8, 2));
  expect(wasmBackend(tf.backend()).numDataIds()).toBe(before);
});

test('a tensor and its identity share their data, which stays until both are disposed', () => {
  const backend = wasmBackend(tf.backend());
  const before = backend.numDataIds();
  const x = tf.tensor1d([1, 2, 3]);
  const same = tf.clone(x);
  expect(backend.numDataIds()).toBe(before + 1);
  x.dispose();
  expect([...same.dataSync()]).toEqual([1, 2, 3]);
  same.dispose();
  expect(backend.numDataIds()).toBe(before);
});
