/** Every operation that networks are made of, on libtensorflow, against the plain JavaScript backend. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import {
  gradientDifference,
  sampleGradients,
} from '../../../src/core/train/install/sample-gradients';
import { batchNormTrain } from '../../../src/core/train/kernels/batch-norm';
import { fakeQuantize } from '../../../src/core/train/kernels/fake-quantize';
import { maxPool, NATIVE_MAX_POOL } from '../../../src/core/train/kernels/max-pool';
import { minMax } from '../../../src/core/train/kernels/min-max';
import { closeTo, randomValues } from './compare';
import {
  four,
  OTHER_OPERATIONS,
  random,
  withGradients,
  type NamedOperation,
  type Operation,
  type Values,
} from './operations';
import { nativeForTests } from './native-for-tests';

const native = await nativeForTests();
if (native) {
  await openEngine('wasm');
  await openEngine('cpu');
}

/** Value, and the gradient of each input for a random dy. */
async function run(
  backend: string,
  operation: Operation,
  inputs: readonly Values[],
): Promise<number[][]> {
  await tf.setBackend(backend);
  return tf.tidy(() => withGradients(operation, inputs).map((t) => Array.from(t.dataSync())));
}

/** Rounded, and nothing below zero, as quantised activations are. */
function manyEqual({ values, shape }: Values): Values {
  return { values: values.map((v) => Math.max(0, Math.round(2 * v) / 2)), shape };
}

describe.skipIf(!native)('the native engine', () => {
  const operations: NamedOperation[] = [];
  for (const pad of ['same', 'valid'] as const) {
    for (const stride of [1, 2]) {
      operations.push(
        [
          `conv2d, ${pad}, stride ${stride}`,
          (x, w) => tf.conv2d(four(x!), w as tf.Tensor4D, stride, pad),
          [random(1, 3, 9, 8, 5), random(2, 3, 3, 5, 7)],
        ],
        [
          `depthwise, ${pad}, stride ${stride}`,
          (x, w) => tf.depthwiseConv2d(four(x!), w as tf.Tensor4D, stride, pad),
          [random(1, 3, 9, 8, 5), random(2, 3, 3, 5, 1)],
        ],
        [
          `max pool, ${pad}, stride ${stride}`,
          (x) => tf.maxPool(four(x!), 2, stride, pad),
          [random(1, 3, 9, 8, 5)],
        ],
        [
          `max pool with its places, ${pad}, stride ${stride}`,
          (x) => maxPool(tf, four(x!), [2, 2], [stride, stride], pad),
          [manyEqual(random(1, 3, 9, 8, 5))],
        ],
        [
          `average pool, ${pad}, stride ${stride}`,
          (x) => tf.avgPool(four(x!), 2, stride, pad),
          [random(1, 3, 9, 8, 5)],
        ],
      );
    }
  }
  // More cells than a byte counts, windows that are not square, channels that fill vectors, a batch of one.
  for (const [shape, pool, stride] of [
    [
      [2, 20, 18, 16],
      [20, 18],
      [20, 18],
    ],
    [
      [1, 7, 12, 33],
      [3, 2],
      [2, 3],
    ],
    [
      [16, 8, 8, 64],
      [2, 2],
      [2, 2],
    ],
    [
      [2, 16, 16, 1],
      [4, 4],
      [4, 4],
    ],
  ] as const) {
    operations.push([
      `max pool with its places, [${shape.join(', ')}] by ${pool.join('×')}`,
      (x) => maxPool(tf, four(x!), [...pool], [...stride], 'valid'),
      [manyEqual(random(1, ...shape))],
    ]);
  }
  for (const activation of ['none', 'relu', 'relu6'] as const) {
    for (const shape of [
      [4, 5, 6, 7],
      [33, 20],
      [1, 1, 2, 1],
      [8, 8, 8, 16],
    ]) {
      operations.push([
        `batch norm with ${activation} of [${shape.join(', ')}]`,
        (x, gamma, beta) => batchNormTrain(tf, x!, gamma!, beta!, 1e-3, activation).y,
        [random(1, ...shape), random(2, shape.at(-1)!), random(3, shape.at(-1)!)],
      ]);
    }
  }
  operations.push(...OTHER_OPERATIONS);

  it.each(operations)(
    '%s: value and gradients as in JavaScript',
    async (name, operation, inputs) => {
      // The JavaScript backend's gradient of average pooling counts the cells outside the image, too.
      const reference = name.startsWith('average') ? 'wasm' : 'cpu';
      const expected = await run(reference, operation, inputs);
      const actual = await run('tensorflow', operation, inputs);
      actual.forEach((values, i) => closeTo(values, expected[i]!, 1e-4));
    },
  );

  it('notes the places of maxima with oneDNN', async () => {
    await tf.setBackend('tensorflow');
    // Another build of the library may lack it, and is slower then; this one has it.
    expect(tf.getKernel(NATIVE_MAX_POOL.forward, 'tensorflow')).toBeDefined();
  });

  it('gives the statistics of batch norm', async () => {
    const statistics = async (backend: string): Promise<number[][]> => {
      await tf.setBackend(backend);
      const x = tf.tensor(random(1, 4, 3, 3, 5).values, [4, 3, 3, 5]);
      const { mean, variance } = batchNormTrain(tf, x, tf.ones([5]), tf.ones([5]), 1e-3, 'relu');
      return [mean, variance].map((t) => Array.from(t.dataSync()));
    };
    const expected = await statistics('cpu');
    (await statistics('tensorflow')).forEach((values, i) => closeTo(values, expected[i]!));
  });

  it.each([
    [0.5, 0],
    [0.5, -128],
    [0.25, 127],
    [0.125, 5],
    [2, -7],
  ])('fake quantisation, scale %d, zero point %d: the same bits', async (scale, zeroPoint) => {
    const ends = [-128, 127].flatMap((q) =>
      [-1, -0.5, -0.25, 0, 0.25, 0.5, 1].map((d) => (q - zeroPoint + d) * scale),
    );
    const values = Float32Array.of(0, 1e9, -1e9, ...ends, ...randomValues(1001, 3, 40 * scale));
    const inputs = [{ values, shape: [values.length] }];
    const operation: Operation = (x) => fakeQuantize(tf, x!, scale, zeroPoint);
    const expected = await run('cpu', operation, inputs);
    const actual = await run('tensorflow', operation, inputs);
    actual.forEach((values, i) => closeTo(values, expected[i]!, 0));
  });

  it.each([
    [0.1, -128],
    [1 / 3, -128],
    [0.0234567, -128],
    [7.77e-5, -128],
    [1 / 3, 5],
    [1e-4, 0],
    [1000, -7],
  ])('fake quantisation, scale %d, zero point %d: within a rounding', async (scale, zeroPoint) => {
    const inputs = [{ values: randomValues(2000, 3, 80 * scale), shape: [2000] }];
    const operation: Operation = (x) => fakeQuantize(tf, x!, scale, zeroPoint);
    const [expected, expectedGradient] = await run('cpu', operation, inputs);
    const [actual, gradient] = await run('tensorflow', operation, inputs);
    closeTo(actual!, expected!, 1e-6);
    closeTo(gradient!, expectedGradient!, 0);
  });

  it('finds minimum and maximum', async () => {
    await tf.setBackend('tensorflow');
    const values = randomValues(1000, 5);
    expect(Array.from(minMax(tf, tf.tensor1d(values)).dataSync())).toEqual([
      Math.min(...values),
      Math.max(...values),
    ]);
  });

  it('trains a network by the gradients of WASM, and leaves no tensor behind', async () => {
    for (const quantized of [false, true]) {
      const expected = await sampleGradients(await openEngine('wasm'), quantized);
      await tf.setBackend('tensorflow');
      const actual = await sampleGradients(native!, quantized);
      expect(gradientDifference(actual, expected)).toBeLessThan(quantized ? 0.05 : 1e-4);
      const before = tf.memory().numTensors;
      for (let i = 0; i < 10; i++) await sampleGradients(native!, quantized);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});
