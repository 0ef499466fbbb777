/** Every operation that networks are made of, on WebGPU, against the plain JavaScript backend; and what goes wrong there. */
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../src/core/train/choice/choose-engine';
import {
  gradientDifference,
  sampleGradients,
} from '../../../src/core/train/install/sample-gradients';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { batchNormTrain } from '../../../src/core/train/kernels/batch-norm';
import { fakeQuantize } from '../../../src/core/train/kernels/fake-quantize';
import { minMax } from '../../../src/core/train/kernels/min-max';
import { graph } from '../train/toy-job';
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
import { webgpuForTests } from './webgpu-for-tests';

const webgpu = await webgpuForTests();
if (webgpu) {
  await openEngine('wasm');
  await openEngine('cpu');
}
const fetch = webgpu?.engine.fetch ?? (() => Promise.reject(new Error('no GPU engine')));

/** Value, and the gradient of each input for a random dy. */
async function run(
  backend: string,
  operation: Operation,
  inputs: readonly Values[],
): Promise<number[][]> {
  await tf.setBackend(backend);
  const compute = (): Tensor[] => tf.tidy(() => withGradients(operation, inputs));
  const values = await (backend === 'webgpu'
    ? fetch(compute)
    : Promise.all(compute().map((t) => t.data())));
  return values.map((v) => Array.from(v));
}

describe.skipIf(!webgpu)('the GPU engine', () => {
  const operations: NamedOperation[] = [];
  for (const pad of ['same', 'valid'] as const) {
    for (const stride of [1, 2]) {
      operations.push(
        [
          `conv2d, ${pad}, stride ${stride}`,
          (x, w) => tf.conv2d(four(x!), w as tf.Tensor4D, stride, pad),
          [random(1, 2, 7, 6, 5), random(2, 3, 3, 5, 7)],
        ],
        [
          `conv2d of 4 channels, ${pad}, stride ${stride}`,
          (x, w) => tf.conv2d(four(x!), w as tf.Tensor4D, stride, pad),
          [random(1, 2, 7, 6, 4), random(2, 3, 3, 4, 8)],
        ],
        [
          `depthwise, ${pad}, stride ${stride}`,
          (x, w) => tf.depthwiseConv2d(four(x!), w as tf.Tensor4D, stride, pad),
          [random(1, 2, 7, 6, 8), random(2, 3, 3, 8, 1)],
        ],
        [
          `max pool, ${pad}, stride ${stride}`,
          (x) => tf.maxPool(four(x!), 2, stride, pad),
          [random(1, 2, 7, 6, 5)],
        ],
        [
          `average pool, ${pad}, stride ${stride}`,
          (x) => tf.avgPool(four(x!), 2, stride, pad),
          [random(1, 2, 7, 6, 5)],
        ],
      );
    }
  }
  for (const activation of ['none', 'relu', 'relu6'] as const) {
    operations.push([
      `batch norm with ${activation}`,
      (x, gamma, beta) => batchNormTrain(tf, x!, gamma!, beta!, 1e-3, activation).y,
      [random(1, 3, 4, 4, 7), random(2, 7), random(3, 7)],
    ]);
  }
  operations.push(
    [
      'pointwise',
      (x, w) => tf.conv2d(four(x!), w as tf.Tensor4D, 1, 'same'),
      [random(1, 2, 4, 4, 8), random(2, 1, 1, 8, 12)],
    ],
    ...OTHER_OPERATIONS,
  );

  it.each(operations)('%s: value and gradients as elsewhere', async (name, operation, inputs) => {
    // The JavaScript backend's gradient of average pooling counts the cells outside the image, too.
    const reference = name.startsWith('average') ? 'wasm' : 'cpu';
    const expected = await run(reference, operation, inputs);
    const actual = await run('webgpu', operation, inputs);
    actual.forEach((values, i) => closeTo(values, expected[i]!, 1e-4));
  });

  it('max pool: the gradient goes to one of equal cells', async () => {
    const inputs = [{ values: new Float32Array(2 * 16).fill(1), shape: [2, 4, 4, 1] }];
    const operation: Operation = (x) => tf.maxPool(four(x!), 2, 2, 'valid');
    const [, expected] = await run('cpu', operation, inputs);
    const [, actual] = await run('webgpu', operation, inputs);
    // The first of them there, the last one here: either is a subgradient.
    const given = (values: number[]): number[] => values.filter((value) => value !== 0);
    expect(given(actual!)).toEqual(given(expected!));
  });

  it.each([
    [0.5, 0],
    [0.25, -128],
    [0.125, 127],
  ])('fake quantisation, scale %d, zero point %d: halves and ends', async (scale, zeroPoint) => {
    const ends = [-128, 127].flatMap((q) =>
      [-1, -0.5, -0.25, 0, 0.25, 0.5, 1].map((d) => (q - zeroPoint + d) * scale),
    );
    const values = Float32Array.of(0, 1e6, -1e6, ...ends, ...randomValues(500, 3, 40 * scale));
    const inputs = [{ values, shape: [values.length] }];
    const operation: Operation = (x) => fakeQuantize(tf, x!, scale, zeroPoint);
    const expected = await run('cpu', operation, inputs);
    const actual = await run('webgpu', operation, inputs);
    actual.forEach((values, i) => closeTo(values, expected[i]!, 0));
  });

  it('gives the statistics of batch norm, and minimum and maximum', async () => {
    const { values } = random(1, 4, 3, 3, 5);
    const compute = (): Tensor[] =>
      tf.tidy(() => {
        const x = tf.tensor(values, [4, 3, 3, 5]);
        const one = tf.ones([5]);
        const { mean, variance } = batchNormTrain(tf, x, one, one, 1e-3, 'relu');
        return [mean, variance, minMax(tf, x)];
      });
    await tf.setBackend('cpu');
    const expected = compute().map((t) => t.dataSync());
    await tf.setBackend('webgpu');
    const [mean, variance, extremes] = await fetch(compute);
    closeTo(mean!, expected[0]!);
    closeTo(variance!, expected[1]!);
    closeTo(extremes!, expected[2]!, 0);
  });

  it('trains a network by the gradients of WASM, the same twice, and leaves no tensor behind', async () => {
    const sample = { size: 8, examples: 4 };
    for (const quantized of [false, true]) {
      const expected = await sampleGradients(await openEngine('wasm'), quantized, sample);
      await tf.setBackend('webgpu');
      const before = tf.memory().numTensors;
      const actual = await sampleGradients(webgpu!.engine, quantized, sample);
      expect(gradientDifference(actual, expected)).toBeLessThan(quantized ? 0.05 : 1e-4);
      const again = await sampleGradients(webgpu!.engine, quantized, sample);
      expect(gradientDifference(again, actual)).toBe(0);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('auto weighs a GPU against the usual engine, and never takes a software adapter', async () => {
    const notes: string[] = [];
    const choice = {
      graph,
      batchSize: 4,
      shards: 1,
      onNote: (note: string) => void notes.push(note),
    };
    const software = { ...webgpu!, hardware: false };
    expect((await chooseEngine(choice, {}, () => Promise.resolve(software))).name).toBe('wasm');
    expect(notes).toEqual([]);
    const hardware = { ...webgpu!, hardware: true };
    const open = async (): Promise<typeof hardware> => {
      await tf.setBackend('webgpu');
      return hardware;
    };
    const chosen = await chooseEngine(choice, {}, open);
    expect(notes.join()).toMatch(/images per second: \d+ with wasm, \d+ with webgpu .*; taking /);
    expect(notes.join()).toContain(`taking ${chosen.name}`);
    expect(tf.getBackend()).toBe(chosen.name);
  });

  it('says that memory does not suffice, and goes on with what does', async () => {
    await tf.setBackend('webgpu');
    const tooMuch = fetch(() => tf.tidy(() => [tf.add(tf.zeros([30000, 30000]), 1)]));
    await expect(tooMuch).rejects.toThrow(/too little memory.*training\.batchSize/);
    expect(await fetch(() => [tf.add([1, 2], [3, 4])])).toEqual([Float32Array.of(4, 6)]);
  });

  // The last one: there is one device in a process.
  it('says that the device was lost, at once and from then on', async () => {
    await tf.setBackend('webgpu');
    const large = (): Tensor[] => tf.tidy(() => [tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]))]);
    const running = fetch(large);
    webgpu!.device.destroy();
    await expect(running).rejects.toThrow(/graphics device was lost .*east resume/);
    await expect(fetch(large)).rejects.toThrow('graphics device was lost');
    await expect(sampleGradients(webgpu!.engine, false)).rejects.toThrow('device was lost');
  });
});
