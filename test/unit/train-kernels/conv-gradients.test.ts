import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { createRandom } from '../../../src/core/util/random';
import { closeTo, randomValues } from './compare';
import { ROUNDINGS, withRounding } from './rounding';

type Pad = 'same' | 'valid';
type Case = [
  batch: number,
  height: number,
  width: number,
  channels: number,
  kernel: [number, number],
  filters: number,
  stride: [number, number],
  pad: Pad,
];

const named: Case[] = [
  [2, 8, 8, 3, [3, 3], 16, [1, 1], 'same'],
  [2, 8, 8, 16, [3, 3], 8, [2, 2], 'same'],
  [2, 9, 7, 5, [3, 3], 6, [2, 2], 'valid'],
  [2, 8, 8, 16, [1, 1], 32, [1, 1], 'same'],
  [2, 8, 8, 16, [1, 1], 32, [2, 2], 'same'],
  [1, 11, 10, 4, [5, 5], 7, [1, 1], 'valid'],
  [2, 49, 10, 1, [10, 4], 8, [2, 2], 'same'],
  [3, 1, 1, 1, [1, 1], 1, [1, 1], 'valid'],
  [1, 1, 1, 3, [3, 3], 5, [1, 1], 'same'],
  [2, 2, 3, 2, [5, 7], 3, [2, 1], 'same'],
  [2, 10, 11, 3, [2, 2], 4, [3, 4], 'valid'],
  [1, 7, 7, 2, [1, 1], 2, [3, 3], 'same'],
  [5, 6, 5, 17, [3, 2], 13, [2, 3], 'same'],
  [2, 4, 4, 3, [4, 4], 2, [4, 4], 'valid'],
];

function randomCases(count: number): Case[] {
  const random = createRandom(11);
  return Array.from({ length: count }, (): Case => {
    const kernel: [number, number] = [1 + random.int(5), 1 + random.int(5)];
    const pad: Pad = random.int(2) === 0 ? 'same' : 'valid';
    const least = pad === 'valid' ? kernel : [1, 1];
    return [
      1 + random.int(3),
      least[0]! + random.int(8),
      least[1]! + random.int(8),
      1 + random.int(9),
      kernel,
      1 + random.int(9),
      [1 + random.int(4), 1 + random.int(4)],
      pad,
    ];
  });
}

/** [dx, dw] of Σ dy·conv(x, w) on the backend that is set. */
function gradients(index: number, depthwise: boolean, c: Case): number[][] {
  const [batch, height, width, channels, kernel, filters, stride, pad] = c;
  const multiplier = depthwise ? 1 + (index % 2) : filters;
  return tf.tidy(() => {
    const x = tf.tensor4d(randomValues(batch * height * width * channels, index), [
      batch,
      height,
      width,
      channels,
    ]);
    const w = tf.tensor4d(
      randomValues(kernel[0] * kernel[1] * channels * multiplier, index + 1000),
      [...kernel, channels, multiplier],
    );
    const convolve = (x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D =>
      depthwise ? tf.depthwiseConv2d(x, w, stride, pad) : tf.conv2d(x, w, stride, pad);
    const y = convolve(x, w);
    const dy = tf.tensor4d(randomValues(y.size, index + 2000), y.shape);
    const grads = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
      convolve(tf.reshape(a, x.shape), tf.reshape(b, w.shape)),
    )([x, w], dy);
    return grads.map((g) => Array.from(g.dataSync()));
  });
}

describe.each([
  ['conv2d', false],
  ['depthwiseConv2d', true],
])('%s gradients equal those of the plain CPU backend', (_, depthwise) => {
  beforeAll(async () => {
    await openEngine('cpu');
    await openEngine('wasm');
  });
  const cases = [...named, ...randomCases(25)].map((c, index) => ({
    c,
    index,
    name: JSON.stringify(c),
  }));
  // Strides of a depthwise convolution must be equal in tfjs's CPU backend.
  const usable = cases.filter(({ c }) => !depthwise || c[6][0] === c[6][1]);
  test.each(usable)('$name', async ({ c, index }) => {
    await tf.setBackend('cpu');
    const [dx, dw] = gradients(index, depthwise, c);
    await tf.setBackend('wasm');
    for (const rounding of ROUNDINGS) {
      const [dxWasm, dwWasm] = withRounding(rounding, () => gradients(index, depthwise, c));
      closeTo(dxWasm!, dx!);
      closeTo(dwWasm!, dw!);
    }
    expect(dx!.some((v) => v !== 0)).toBe(true);
  });
});
