import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { fakeQuantize } from '../../../src/core/train/kernels/fake-quantize';
import { minMax } from '../../../src/core/train/kernels/min-max';
import { softmaxCrossEntropy } from '../../../src/core/train/kernels/softmax-cross-entropy';
import { closeTo, randomValues } from './compare';

function asMatrix(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape.at(-1)!]);
}

beforeAll(async () => {
  await openEngine('cpu');
  await openEngine('wasm');
});

describe('fakeQuantize', () => {
  const values = (): Float32Array =>
    Float32Array.of(
      0,
      0.25,
      -0.25,
      0.75,
      1e9,
      -1e9,
      63.5,
      63.75,
      64,
      -64,
      -64.25,
      -64.5,
      ...randomValues(1001, 3, 40),
    );

  test.each(['wasm', 'cpu'])(
    'on %s it rounds halves to even, clamps, and passes the gradient inside',
    async (backend) => {
      await tf.setBackend(backend);
      const x = tf.tensor1d([
        0, 0.25, -0.25, 0.75, 1.25, 63.5, 63.7, 64, -64, -64.2, -64.4, 1e9, -1e9,
      ]);
      const f = (x: tf.Tensor): tf.Tensor => fakeQuantize(tf, x, 0.5, 0);
      closeTo(f(x).dataSync(), [0, 0, 0, 1, 1, 63.5, 63.5, 63.5, -64, -64, -64, 63.5, -64], 0);
      const dx = tf.grad(f)(x).dataSync();
      closeTo(dx, [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0], 0);
    },
  );

  test.each([
    [0.5, 0],
    [0.1, -128],
    [0.37, 127],
    [1 / 3, 5],
    [1e-4, 0],
    [1000, -7],
  ])('scale %d, zero point %d: the same on both engines', async (scale, zeroPoint) => {
    const run = async (backend: string): Promise<ArrayLike<number>[]> => {
      await tf.setBackend(backend);
      const x = tf.tensor1d(values());
      const f = (x: tf.Tensor): tf.Tensor => fakeQuantize(tf, x, scale, zeroPoint);
      const dy = tf.tensor1d(randomValues(x.size, 8));
      return [f(x).dataSync(), tf.grad(f)(x, dy).dataSync()];
    };
    const expected = await run('cpu');
    const actual = await run('wasm');
    actual.forEach((values, i) => {
      closeTo(values, expected[i]!, 0);
    });
  });

  test('refuses scales and zero points that int8 does not have', () => {
    const x = tf.tensor1d([1]);
    expect(() => fakeQuantize(tf, x, 0, 0)).toThrow('scale');
    expect(() => fakeQuantize(tf, x, NaN, 0)).toThrow('scale');
    expect(() => fakeQuantize(tf, x, 1, 128)).toThrow('zero point');
    expect(() => fakeQuantize(tf, x, 1, 0.5)).toThrow('zero point');
  });
});

describe('minMax', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 1000])('of %d values', async (count) => {
    for (const backend of ['wasm', 'cpu']) {
      await tf.setBackend(backend);
      for (const shift of [0, 100, -100]) {
        const values = randomValues(count, count).map((v) => v + shift);
        const range = minMax(tf, tf.tensor1d(values)).dataSync();
        expect(Array.from(range)).toEqual([Math.min(...values), Math.max(...values)]);
      }
    }
  });
});

describe.each(['wasm', 'cpu'])('softmaxCrossEntropy on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });
  const logits = randomValues(12, 4, 3);
  const classes = [2, 0, 3];

  /** By definition, in double precision. */
  function reference(values: ArrayLike<number>, smoothing: number): number {
    let total = 0;
    for (let n = 0; n < 3; n++) {
      const row = Array.from({ length: 4 }, (_, c) => values[n * 4 + c]!);
      const sum = row.reduce((s, v) => s + Math.exp(v), 0);
      row.forEach((v, c) => {
        const target = (c === classes[n] ? 1 - smoothing : 0) + smoothing / 4;
        total -= target * (v - Math.log(sum));
      });
    }
    return total / 3;
  }

  test.each([0, 0.1])('smoothing %d: value and gradient by definition', (smoothing) => {
    const x = tf.tensor2d(logits, [3, 4]);
    const indices = tf.tensor1d(classes, 'int32');
    const loss = softmaxCrossEntropy(tf, x, indices, smoothing).dataSync()[0]!;
    expect(loss).toBeCloseTo(reference(logits, smoothing), 5);
    const hot = tf.cast(tf.oneHot(indices, 4), 'float32');
    expect(softmaxCrossEntropy(tf, x, hot, smoothing).dataSync()[0]).toBeCloseTo(loss, 6);
    const dx = tf
      .grad((x) => softmaxCrossEntropy(tf, asMatrix(x), indices, smoothing))(x)
      .dataSync();
    logits.forEach((_, i) => {
      const moved = (delta: number): number[] =>
        Array.from(logits, (v, j) => (j === i ? v + delta : v));
      const numeric =
        (reference(moved(1e-4), smoothing) - reference(moved(-1e-4), smoothing)) / 2e-4;
      expect(dx[i]).toBeCloseTo(numeric, 5);
    });
  });

  test('stays finite for huge logits', () => {
    const x = tf.tensor2d([1000, -1000, 0, 500, -500, 0], [2, 3]);
    const labels = tf.tensor1d([1, 0], 'int32');
    expect(softmaxCrossEntropy(tf, x, labels, 0).dataSync()[0]).toBeCloseTo(1000, 3);
    const dx = tf
      .grad((x) => softmaxCrossEntropy(tf, asMatrix(x), labels, 0))(x)
      .dataSync();
    closeTo(dx, [0.5, -0.5, 0, 0, 0, 0]);
  });

  test('refuses labels that do not belong to the logits', () => {
    const x = tf.tensor2d(logits, [3, 4]);
    expect(() => softmaxCrossEntropy(tf, x, tf.tensor1d([1, 2], 'int32'), 0)).toThrow('labels');
    expect(() => softmaxCrossEntropy(tf, x, tf.zeros([3, 5]), 0)).toThrow('labels');
  });
});

test.each(['wasm', 'cpu'])(
  'a hundred steps of all of them leave no tensor behind on %s',
  async (backend) => {
    await tf.setBackend(backend);
    const x = tf.tensor4d(randomValues(2 * 6 * 6 * 4, 1), [2, 6, 6, 4]);
    const kernel = tf.variable(tf.tensor4d(randomValues(3 * 3 * 4 * 5, 2), [3, 3, 4, 5]));
    const depthwise = tf.variable(tf.tensor4d(randomValues(3 * 3 * 5, 3), [3, 3, 5, 1]));
    const dense = tf.variable(tf.tensor2d(randomValues(5 * 3, 4), [5, 3]));
    const labels = tf.tensor1d([0, 2], 'int32');
    const step = (): void => {
      const { value, grads } = tf.variableGrads(() => {
        let h: tf.Tensor4D = tf.conv2d(
          fakeQuantize(tf, x, 0.05, 3),
          kernel as tf.Tensor4D,
          2,
          'same',
        );
        h = tf.relu6(h);
        h = tf.add(h, tf.relu(tf.depthwiseConv2d(h, depthwise as tf.Tensor4D, 1, 'same')));
        minMax(tf, h).dataSync();
        h = tf.avgPool(tf.maxPool(h, 2, 1, 'same'), 2, 1, 'same');
        const logits: tf.Tensor2D = tf.matMul(tf.mean(h, [1, 2]), dense as tf.Tensor2D);
        return softmaxCrossEntropy(tf, logits, labels, 0.1);
      });
      tf.dispose([value, ...Object.values(grads)]);
    };
    step();
    const before = tf.memory();
    for (let i = 0; i < 100; i++) step();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  },
);
