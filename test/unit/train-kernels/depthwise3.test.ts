import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { suitsDepthwise3 } from '../../../src/core/train/kernels/depthwise3';
import { wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
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
  forward: tf.DepthwiseConv2dNative,
  input: tf.DepthwiseConv2dNativeBackpropInput,
  filter: tf.DepthwiseConv2dNativeBackpropFilter,
};

interface Case {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
  readonly pad: Pad;
}

const lopsided = (top: number, bottom: number, left: number, right: number): Pad => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];
const named: Case[] = [
  { x: [2, 25, 5, 64], pad: 'same' },
  { x: [1, 1, 1, 4], pad: 'same' },
  { x: [3, 1, 6, 8], pad: 'same' },
  { x: [2, 7, 1, 12], pad: 'same' },
  { x: [2, 3, 3, 4], pad: 'valid' },
  // Rows so long that a band has only one.
  { x: [1, 4, 40, 128], pad: 'same' },
  { x: [2, 5, 6, 8], pad: lopsided(0, 2, 2, 1) },
  { x: [2, 4, 3, 4], pad: lopsided(2, 5, 1, 4) },
];

function randomCases(count: number): Case[] {
  const random = createRandom(43);
  return Array.from({ length: count }, (): Case => {
    const pad = random.int(2) > 0 ? 'same' : 'valid';
    const side = (): number => (pad === 'valid' ? 3 : 1) + random.int(14);
    return { x: [1 + random.int(4), side(), side(), 4 * (1 + random.int(9))], pad };
  });
}

function infoOf({ x, pad }: Case): ConvolutionInfo {
  const filter: [number, number, number, number] = [3, 3, x[3], 1];
  return tf.backend_util.computeConv2DInfo([...x], filter, 1, 1, pad, undefined, true);
}

function inputsOf(c: Case): Inputs {
  const { inShape, outShape } = infoOf(c);
  return {
    x: randomValues(tf.util.sizeFromShape(inShape), 1),
    w: randomValues(9 * c.x[3], 2),
    dy: randomValues(tf.util.sizeFromShape(outShape), 3),
  };
}

/** The kernel under test. */
function run(kernel: Kernel, c: Case, inputs: Inputs): Float32Array {
  return runConvolution(NAMES, kernel, infoOf(c), c.pad, inputs);
}

/** The slow twin: every product, in float64, and the sum of their sizes. */
function sums(kernel: Kernel, c: Case, { x, w, dy }: Inputs): [Float64Array, Float64Array] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = infoOf(c);
  const length = { forward: dy.length, input: x.length, filter: w.length }[kernel];
  const [exact, size] = [new Float64Array(length), new Float64Array(length)];
  for (let n = 0; n < batchSize; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let tap = 0; tap < 9; tap++) {
          const iy = oy - padInfo.top + Math.floor(tap / 3);
          const ix = ox - padInfo.left + (tap % 3);
          if (iy < 0 || iy >= inHeight || ix < 0 || ix >= inWidth) continue;
          for (let i = 0; i < inChannels; i++) {
            const pixel = ((n * outHeight + oy) * outWidth + ox) * inChannels + i;
            const cell = ((n * inHeight + iy) * inWidth + ix) * inChannels + i;
            const weight = tap * inChannels + i;
            const [at, product] = {
              forward: [pixel, x[cell]! * w[weight]!] as const,
              input: [cell, dy[pixel]! * w[weight]!] as const,
              filter: [weight, dy[pixel]! * x[cell]!] as const,
            }[kernel];
            exact[at] = exact[at]! + product;
            size[at] = size[at]! + Math.abs(product);
          }
        }
      }
    }
  }
  return [exact, size];
}

const cases = [...named, ...randomCases(30)];
describe.each(CONVOLUTION_KERNELS)('depthwise 3×3, %s', (kernel) => {
  test.each(cases.map((c) => [JSON.stringify(c), c] as const))('%s', (_, c) => {
    expect(suitsDepthwise3(infoOf(c))).toBe(true);
    const inputs = inputsOf(c);
    const [exact, size] = sums(kernel, c, inputs);
    for (const rounding of ROUNDINGS) {
      const found = withRounding(rounding, () => run(kernel, c, inputs));
      expect(found.length).toBe(exact.length);
      found.forEach((v, i) => {
        // Nothing but roundings of the sum itself: 0 where there is no product.
        if (!(Math.abs(v - exact[i]!) <= 1e-6 * size[i]!)) {
          expect.fail(`${rounding}, at ${i}: ${v} instead of ${exact[i]}`);
        }
      });
    }
  });

  it('gives the same bits again, whatever the memory held, and leaves nothing behind', () => {
    const c: Case = { x: [3, 9, 7, 8], pad: 'same' };
    const inputs = inputsOf(c);
    const backend = wasmBackend(tf.backend());
    const tensors = backend.numDataIds();
    const first = run(kernel, c, inputs);
    tf.dispose(Array.from({ length: 30 }, (_, i) => tf.fill([500 * (i + 1)], NaN)));
    expect(run(kernel, c, inputs)).toEqual(first);
    expect(backend.numDataIds()).toBe(tensors);
  });
});

test.each(['forward', 'input'] as const)(
  'an image of NaN and infinities leaves the others of its batch alone, %s',
  (kernel) => {
    const c: Case = { x: [3, 6, 5, 8], pad: 'same' };
    const { x, w, dy } = inputsOf(c);
    x.fill(NaN, x.length / 3, (2 * x.length) / 3);
    dy.fill(Infinity, dy.length / 3, (2 * dy.length) / 3);
    const values = run(kernel, c, { x, w, dy });
    const third = values.length / 3;
    expect(values.slice(0, third).every(Number.isFinite)).toBe(true);
    expect(values.slice(2 * third).every(Number.isFinite)).toBe(true);
  },
);

test('what the kernel does not do stays with the others', () => {
  const suits = (x: Case['x'], kernel: number, stride: number, multiplier: number): boolean =>
    suitsDepthwise3(
      tf.backend_util.computeConv2DInfo(
        [...x],
        [kernel, kernel, x[3], multiplier],
        stride,
        1,
        'same',
        undefined,
        true,
      ),
    );
  expect(suits([1, 8, 8, 8], 3, 1, 1)).toBe(true);
  expect(suits([1, 8, 8, 8], 3, 2, 1)).toBe(false);
  expect(suits([1, 8, 8, 8], 5, 1, 1)).toBe(false);
  expect(suits([1, 8, 8, 6], 3, 1, 1)).toBe(false);
  expect(suits([1, 8, 8, 8], 3, 1, 2)).toBe(false);
});
