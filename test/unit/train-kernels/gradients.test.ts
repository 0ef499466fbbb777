import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { closeTo, randomValues } from './compare';

type Operation = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const as4 = (x: tf.Tensor, shape: [number, number, number, number]): tf.Tensor4D =>
  tf.reshape<tf.Rank.R4>(x, shape);

/** Every operation that has a gradient here, on tiny inputs away from its corners; shapes of the two inputs. */
const operations: [name: string, f: Operation, a: number[], b: number[]][] = [
  ['add, broadcast', (a, b) => tf.add(a, b), [2, 3], [3]],
  ['sub, broadcast', (a, b) => tf.sub(a, b), [3], [2, 3]],
  ['mul, broadcast', (a, b) => tf.mul(a, b), [2, 1, 3], [4, 1]],
  ['div, broadcast', (a, b) => tf.div(a, tf.add(tf.square(b), 1)), [2, 3], [1, 3]],
  ['relu', (a, b) => tf.add(tf.relu(a), b), [7], [7]],
  ['relu6', (a, b) => tf.add(tf.relu6(tf.mul(a, 5)), b), [9], [9]],
  [
    'exp, log, sqrt, neg',
    (a, b) => tf.neg(tf.log(tf.sqrt(tf.add(tf.exp(a), tf.exp(b))))),
    [4],
    [4],
  ],
  ['sum of an axis', (a, b) => tf.mul(tf.sum(a, 0), b), [3, 2], [2]],
  ['sum of all', (a, b) => tf.mul(tf.sum(a), b), [3, 2], [2]],
  ['mean, dims kept', (a, b) => tf.mul(tf.mean(a, [1, 2], true), b), [2, 3, 2, 2], [2]],
  ['max over the plane', (a, b) => tf.mul(tf.max(a, [1, 2]), b), [2, 3, 2, 2], [2]],
  [
    'transpose, reshape',
    (a, b) => tf.mul(tf.transpose(tf.reshape(a, [2, 3, 2]), [2, 0, 1]), b),
    [12],
    [3],
  ],
  ['expandDims, cast', (a, b) => tf.mul(tf.expandDims(tf.cast(a, 'float32'), 1), b), [3], [3, 2]],
  ['matMul', (a, b) => tf.matMul(a, b), [3, 4], [4, 2]],
  ['matMul, a transposed', (a, b) => tf.matMul(a, b, true), [4, 3], [4, 2]],
  ['matMul, b transposed', (a, b) => tf.matMul(a, b, false, true), [3, 4], [2, 4]],
  ['matMul, both transposed', (a, b) => tf.matMul(a, b, true, true), [4, 3], [2, 4]],
  ['matMul, batched', (a, b) => tf.matMul(a, b, false, true), [2, 3, 4], [2, 5, 4]],
  [
    'conv2d 3×3',
    (a, b) => tf.conv2d(as4(a, [1, 4, 4, 2]), as4(b, [3, 3, 2, 2]), 1, 'same'),
    [1, 4, 4, 2],
    [3, 3, 2, 2],
  ],
  [
    'conv2d 3×3, stride 2',
    (a, b) => tf.conv2d(as4(a, [1, 5, 4, 1]), as4(b, [3, 3, 1, 3]), 2, 'same'),
    [1, 5, 4, 1],
    [3, 3, 1, 3],
  ],
  [
    'depthwiseConv2d',
    (a, b) => tf.depthwiseConv2d(as4(a, [1, 4, 3, 4]), as4(b, [3, 3, 4, 1]), 2, 'same'),
    [1, 4, 3, 4],
    [3, 3, 4, 1],
  ],
  [
    'maxPool, avgPool',
    (a, b) => tf.mul(tf.avgPool(tf.maxPool(as4(a, [1, 4, 4, 4]), 2, 1, 'same'), 2, 2, 'same'), b),
    [1, 4, 4, 4],
    [4],
  ],
];

describe.each(['wasm', 'cpu'])('on %s each gradient is that of finite differences', (backend) => {
  beforeAll(async () => {
    await openEngine(backend === 'wasm' ? 'wasm' : 'cpu');
  });
  // The CPU backend's average pool gradient is wrong at borders (see pools.test.ts).
  const right = operations.filter(([name]) => backend === 'wasm' || !name.includes('avgPool'));
  test.each(right)('%s', (_, f, shapeA, shapeB) => {
    const inputs = [shapeA, shapeB].map((shape, i) => ({
      shape,
      values: randomValues(tf.util.sizeFromShape(shape), 31 + i),
    }));
    const value = (parts: Float32Array[]): tf.Tensor =>
      f(...(parts.map((v, i) => tf.tensor(v, inputs[i]!.shape)) as [tf.Tensor, tf.Tensor]));
    const y = value(inputs.map((i) => i.values));
    const dy = randomValues(y.size, 77);
    const grads = tf.grads((a, b) => f(a!, b!))(
      inputs.map(({ values, shape }) => tf.tensor(values, shape)),
      tf.tensor(dy, y.shape),
    );
    const loss = (parts: Float32Array[]): number =>
      Array.from(value(parts).dataSync()).reduce((sum, v, i) => sum + v * dy[i]!, 0);
    inputs.forEach(({ values }, which) => {
      const analytic = grads[which]!.dataSync();
      expect(grads[which]!.shape).toEqual(inputs[which]!.shape);
      values.forEach((_, i) => {
        const moved = (delta: number): Float32Array[] =>
          inputs.map((input, j) =>
            input.values.map((v, k) => (j === which && k === i ? v + delta : v)),
          );
        const numeric = (loss(moved(1e-3)) - loss(moved(-1e-3))) / 2e-3;
        expect(Math.abs(numeric - analytic[i]!)).toBeLessThan(
          1e-2 * Math.max(1, Math.abs(numeric)),
        );
      });
    });
  });
});

test.each([
  [1, 1, 1],
  [5, 17, 33],
  [128, 96, 10],
])('transposed products of %d×%d×%d equal those of the CPU backend', async (n, k, m) => {
  for (const [ta, tb] of [
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const results: ArrayLike<number>[] = [];
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      const a = tf.tensor2d(randomValues(n * k, 1), ta ? [k, n] : [n, k]);
      const b = tf.tensor2d(randomValues(k * m, 2), tb ? [m, k] : [k, m]);
      results.push(tf.matMul(a, b, ta, tb).dataSync());
    }
    closeTo(results[1]!, results[0]!);
  }
});

test('dilated convolutions refuse to train', async () => {
  await openEngine('wasm');
  const x: tf.Tensor4D = tf.zeros([1, 8, 8, 1]);
  const w = tf.zeros([3, 3, 1, 1]);
  expect(() => tf.grad((w) => tf.conv2d(x, as4(w, [3, 3, 1, 1]), 1, 'same', 'NHWC', 2))(w)).toThrow(
    'dilations',
  );
});
