import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { createRandom } from '../../../src/core/util/random';
import { closeTo, randomValues } from './compare';

type Pad = 'same' | 'valid';
type Shape4 = [number, number, number, number];
interface Case {
  shape: Shape4;
  pool: [number, number];
  stride: [number, number];
  pad: Pad;
}

const cases: Case[] = [
  { shape: [2, 8, 8, 8], pool: [2, 2], stride: [2, 2], pad: 'valid' },
  { shape: [3, 6, 10, 12], pool: [2, 2], stride: [2, 2], pad: 'same' },
  { shape: [2, 4, 5, 8], pool: [2, 2], stride: [2, 2], pad: 'valid' },
  { shape: [2, 5, 4, 8], pool: [2, 2], stride: [2, 2], pad: 'same' },
  { shape: [2, 8, 8, 3], pool: [2, 2], stride: [2, 2], pad: 'same' },
  { shape: [1, 7, 5, 4], pool: [3, 3], stride: [2, 2], pad: 'same' },
  { shape: [1, 7, 5, 6], pool: [3, 3], stride: [1, 1], pad: 'same' },
  { shape: [3, 1, 1, 4], pool: [2, 2], stride: [2, 2], pad: 'same' },
  { shape: [2, 3, 3, 1], pool: [3, 3], stride: [3, 3], pad: 'valid' },
  { shape: [2, 2, 3, 4], pool: [5, 4], stride: [1, 2], pad: 'same' },
  { shape: [2, 9, 9, 12], pool: [2, 2], stride: [3, 4], pad: 'valid' },
  ...randomCases(12),
];

function randomCases(count: number): Case[] {
  const random = createRandom(21);
  return Array.from({ length: count }, () => {
    const pool: [number, number] = [1 + random.int(4), 1 + random.int(4)];
    const pad: Pad = random.int(2) === 0 ? 'same' : 'valid';
    return {
      shape: [
        1 + random.int(3),
        pool[0] + random.int(6),
        pool[1] + random.int(6),
        1 + random.int(9),
      ],
      pool,
      stride: [1 + random.int(3), 1 + random.int(3)],
      pad,
    };
  });
}

beforeAll(async () => {
  await openEngine('cpu');
  await openEngine('wasm');
});

/** [y, dx] of the operation for a random dy. */
function run(f: (x: tf.Tensor4D) => tf.Tensor4D, values: Float32Array, shape: Shape4): number[][] {
  return tf.tidy(() => {
    const x = tf.tensor4d(values, shape);
    const y = f(x);
    const dy = tf.tensor4d(randomValues(y.size, 99), y.shape);
    const dx = tf.grad((x) => f(tf.reshape<tf.Rank.R4>(x, shape)))(x, dy);
    return [y, dx].map((t) => Array.from(t.dataSync()));
  });
}

describe('max pool gradient equals that of the plain CPU backend', () => {
  test.each(cases)(
    '$shape pool $pool stride $stride $pad',
    async ({ shape, pool, stride, pad }) => {
      // Few distinct values, so that windows have ties.
      const values = randomValues(tf.util.sizeFromShape(shape), 5).map((v) => Math.round(v * 2));
      const f = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, pool, stride, pad);
      await tf.setBackend('cpu');
      const expected = run(f, values, shape);
      await tf.setBackend('wasm');
      run(f, values, shape).forEach((actual, i) => {
        closeTo(actual, expected[i]!);
      });
    },
  );
});

/**
 * The CPU backend's own gradient divides by the size of the whole window even where it hangs over the border, unlike
 * its forward pass; so the reference here is the transpose of the forward pass, which is linear: dx·x = dy·y.
 */
describe('average pool gradient is the transpose of the forward pass', () => {
  test.each(cases)(
    '$shape pool $pool stride $stride $pad',
    async ({ shape, pool, stride, pad }) => {
      await tf.setBackend('wasm');
      const f = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, pool, stride, pad);
      const size = tf.util.sizeFromShape(shape);
      const dx = run(f, randomValues(size, 1), shape)[1]!;
      for (let i = 0; i < Math.min(size, 40); i++) {
        const at = (i * 7919) % size;
        const unit = new Float32Array(size);
        unit[at] = 1;
        const y = Array.from(f(tf.tensor4d(unit, shape)).dataSync());
        const dy = randomValues(y.length, 99);
        const expected = y.reduce((sum, v, j) => sum + v * dy[j]!, 0);
        expect(Math.abs(dx[at]! - expected)).toBeLessThan(1e-5);
      }
    },
  );
});
