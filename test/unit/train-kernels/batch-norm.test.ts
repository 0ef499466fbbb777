import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { batchNormTrain } from '../../../src/core/train/kernels/batch-norm';
import { fakeQuantize } from '../../../src/core/train/kernels/fake-quantize';
import { closeTo, randomValues } from './compare';

const shapes = [
  [4, 5, 6, 7],
  [1, 1, 2, 1],
  [8, 3],
  [2, 4, 4, 8],
  [3, 2, 5, 16],
  [33, 20],
  [2, 3, 3, 4],
  [64, 8, 8, 3],
];
const activations = ['none', 'relu', 'relu6'] as const;
type Activation = (typeof activations)[number];

async function run(backend: string, shape: number[], activation: Activation, mean: number) {
  await tf.setBackend(backend);
  const channels = shape.at(-1)!;
  const size = tf.util.sizeFromShape(shape);
  return tf.tidy(() => {
    const x = tf.tensor(
      randomValues(size, 1, 3).map((v) => v + mean),
      shape,
    );
    const gamma = tf.tensor1d(randomValues(channels, 2));
    const beta = tf.tensor1d(randomValues(channels, 3));
    const dy = tf.tensor(randomValues(size, 4), shape);
    const forward = batchNormTrain(tf, x, gamma, beta, 1e-3, activation);
    const grads = tf.grads(
      (x, gamma, beta) => batchNormTrain(tf, x!, gamma!, beta!, 1e-3, activation).y,
    );
    return [forward.y, forward.mean, forward.variance, ...grads([x, gamma, beta], dy)].map((t) =>
      Array.from(t.dataSync()),
    );
  });
}

beforeAll(async () => {
  await openEngine('cpu');
  await openEngine('wasm');
});

describe('batchNormTrain: the fused kernels equal the composition', () => {
  const cases = shapes.flatMap((shape) =>
    activations.flatMap((activation) => [0, 50].map((mean) => ({ shape, activation, mean }))),
  );
  test.each(cases)('x $shape, $activation, mean $mean', async ({ shape, activation, mean }) => {
    const expected = await run('cpu', shape, activation, mean);
    const actual = await run('wasm', shape, activation, mean);
    // Around 50 the reference itself, in float32, has lost some digits.
    actual.forEach((values, i) => {
      closeTo(values, expected[i]!, mean === 0 ? 2e-5 : 3e-4);
    });
  });
});

test('the statistics are those of the batch, the variance biased', async () => {
  await tf.setBackend('wasm');
  const out = batchNormTrain(
    tf,
    tf.tensor2d([1, 10, 3, 10, 5, 16], [3, 2]),
    tf.ones([2]),
    tf.zeros([2]),
    0,
    'none',
  );
  closeTo(out.mean.dataSync(), [3, 12]);
  closeTo(out.variance.dataSync(), [8 / 3, 8]);
  closeTo(out.y.dataSync(), [-1.2247449, -0.7071068, 0, -0.7071068, 1.2247449, 1.4142136]);
});

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  test('the gradient is that of finite differences', async () => {
    await tf.setBackend(backend);
    const shape: [number, number] = [5, 3];
    const parts = [randomValues(15, 5), randomValues(3, 6), randomValues(3, 7)];
    const weight = tf.tensor2d(randomValues(15, 8), shape);
    const loss = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
      tf.sum(tf.mul(batchNormTrain(tf, tf.reshape(x, shape), gamma, beta, 0.1, 'relu').y, weight));
    const tensors = (values: Float32Array[]) =>
      values.map((v, i) => (i === 0 ? tf.tensor(v, shape) : tf.tensor1d(v)));
    const grads = tf.grads((x, gamma, beta) => loss(x!, gamma!, beta!))(tensors(parts));
    parts.forEach((part, which) => {
      const analytic = grads[which]!.dataSync();
      part.forEach((_, i) => {
        const at = (delta: number): number => {
          const moved = parts.map((p) => p.slice());
          moved[which]![i] = part[i]! + delta;
          const [x, gamma, beta] = tensors(moved);
          return loss(x!, gamma!, beta!).dataSync()[0]!;
        };
        const numeric = (at(1e-2) - at(-1e-2)) / 2e-2;
        expect(Math.abs(numeric - analytic[i]!)).toBeLessThan(2e-2);
      });
    });
  });

  test('a hundred steps leave no tensor behind', async () => {
    await tf.setBackend(backend);
    const x = tf.tensor2d(randomValues(32, 1), [8, 4]);
    const gamma = tf.variable(tf.ones([4]));
    const beta = tf.variable(tf.zeros([4]));
    const step = (): void => {
      const { value, grads } = tf.variableGrads(() => {
        const { y, mean } = batchNormTrain(tf, x, gamma, beta, 1e-3, 'relu6');
        mean.dataSync();
        return tf.reshape<tf.Rank.R0>(tf.sum(y), []);
      }, [gamma, beta]);
      value.dispose();
      for (const grad of Object.values(grads)) grad.dispose();
    };
    step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 100; i++) step();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('rounding within batch norm', () => {
  const roundings = [
    { scale: 0.05, zeroPoint: -128 },
    { scale: 0.013, zeroPoint: 0 },
    { scale: 0.3, zeroPoint: 127 },
    // So coarse that little but 0 is left, so fine that most is clamped.
    { scale: 40, zeroPoint: 3 },
    { scale: 1e-4, zeroPoint: -100 },
  ];
  const cases = shapes.flatMap((shape) =>
    activations.flatMap((activation) =>
      roundings.map((rounding) => ({ shape, activation, rounding })),
    ),
  );
  const bits = (tensors: tf.Tensor[]): Int32Array[] =>
    // + 0 makes −0 and 0 the same.
    tensors.map((t) => new Int32Array(Float32Array.from(t.dataSync(), (v) => v + 0).buffer));

  test.each(cases)(
    'gives the bits of rounding after it: $shape, $activation, $rounding',
    async (c) => {
      const { shape, activation, rounding } = c;
      await tf.setBackend('wasm');
      const channels = shape.at(-1)!;
      const size = tf.util.sizeFromShape(shape);
      tf.tidy(() => {
        const inputs = [
          tf.tensor(randomValues(size, 1, 3), shape),
          tf.tensor1d(randomValues(channels, 2)),
          tf.tensor1d(randomValues(channels, 3)),
        ];
        const dy = tf.tensor(randomValues(size, 4), shape);
        const together = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
          batchNormTrain(tf, x, gamma, beta, 1e-3, activation, rounding).y;
        const apart = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
          const { y } = batchNormTrain(tf, x, gamma, beta, 1e-3, activation);
          return fakeQuantize(tf, y, rounding.scale, rounding.zeroPoint);
        };
        const [found, expected] = [together, apart].map((f) =>
          bits([f(inputs[0]!, inputs[1]!, inputs[2]!), ...tf.grads(f)(inputs, dy)]),
        );
        expect(found).toEqual(expected);
      });
    },
  );

  test('says what is wrong with a grid', () => {
    const run = (scale: number, zeroPoint: number) => () =>
      batchNormTrain(tf, tf.zeros([2, 4]), tf.ones([4]), tf.zeros([4]), 1e-3, 'relu', {
        scale,
        zeroPoint,
      });
    expect(run(0, 0)).toThrow('scale must be positive, got 0');
    expect(run(1, 200)).toThrow('zero point must be an integer in −128 … 127, got 200');
  });
});
