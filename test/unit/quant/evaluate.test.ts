import { describe, expect, it } from 'vitest';
import type { Normalization, Samples } from '../../../src/core/dataset/dataset';
import { evaluate, quantizeInput } from '../../../src/core/quant/evaluate';
import { createExecutor } from '../../../src/core/quant/executor';
import { inputQuantization } from '../../../src/core/quant/quantization';
import { TASKS } from '../../../src/core/tasks/tasks';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from './random-model';

const images: Normalization = { kind: 'uint8', mean: [100], std: [50] };

function samples(
  shape: Samples['shape'],
  data: Samples['data'],
  labels: readonly number[],
): Samples {
  return { count: labels.length, shape, data, targets: Float32Array.from(labels) };
}

describe('quantizeInput', () => {
  it('takes pixels over without loss', () => {
    const all = samples(
      [1, 128, 1],
      Uint8Array.from({ length: 256 }, (_, i) => i),
      [0, 0],
    );
    const out = new Int8Array(128);
    quantizeInput(all, 1, images, inputQuantization(images), out);
    expect([...out]).toEqual(Array.from({ length: 128 }, (_, i) => i));
    // And the general way agrees with the short one: (pixel − 100) / 50 at scale 1/50.
    const other = { scale: inputQuantization(images).scale * (1 + 1e-7), zeroPoint: -28 };
    const general = new Int8Array(128);
    quantizeInput(all, 1, images, other, general);
    expect(general).toEqual(out);
  });

  it('normalises per channel, rounds halves away from zero and saturates', () => {
    const normalization: Normalization = { kind: 'float', mean: [1, 0], std: [2, 1] };
    const data = Float32Array.of(2, 0.25, 0, -0.25, 1e9, -1e9);
    const out = new Int8Array(6);
    quantizeInput(
      samples([1, 3, 2], data, [0]),
      0,
      normalization,
      { scale: 0.5, zeroPoint: 7 },
      out,
    );
    expect([...out]).toEqual([8, 8, 6, 6, 127, -128]);
  });

  it('refuses NaN and normalisations of another depth', () => {
    const out = new Int8Array(2);
    const one = samples([1, 1, 2], Float32Array.of(1, NaN), [0]);
    const tensor = { scale: 1, zeroPoint: 0 };
    const normalization: Normalization = { kind: 'float', mean: [0], std: [1] };
    expect(() => quantizeInput(one, 0, normalization, tensor, out)).toThrow(/element 1/);
    expect(() => quantizeInput(one, 0, { ...normalization, mean: [0, 0, 0] }, tensor, out)).toThrow(
      UserError,
    );
  });
});

describe('evaluate', () => {
  const model = randomModel(12);
  const shape = model.graph.inputShape;
  const size = shape[0] * shape[1] * shape[2];
  const random = createRandom(4);
  const count = 40;
  const data = Uint8Array.from({ length: count * size }, () => random.int(256));
  const executor = createExecutor(model);
  const classes = Array.from({ length: count }, (_, i) =>
    classOf(
      executor.run(Int8Array.from(data.subarray(i * size, (i + 1) * size), (pixel) => pixel - 128)),
    ),
  );
  // The model's own input quantisation as a normalisation of pixels.
  const { scale, zeroPoint } = model.tensors['input']!;
  const own: Normalization = { kind: 'uint8', mean: [zeroPoint + 128], std: [1 / scale] };

  it('counts what the reference executor classifies', async () => {
    expect(new Set(classes).size).toBeGreaterThan(1);
    const right = samples(shape, data, classes);
    expect(await evaluate(model, TASKS.classification, right, own)).toEqual({
      count,
      answers: Float32Array.from(classes),
      value: 1,
    });
    const spoilt = samples(
      shape,
      data,
      classes.map((c, i) => (i % 4 === 0 ? c + 1 : c)),
    );
    expect((await evaluate(model, TASKS.classification, spoilt, own)).value).toBe(0.75);
    expect((await evaluate(model, TASKS.classification, spoilt, own, 2)).value).toBe(0.5);
  });

  it('tells progress up to the end', async () => {
    const heard: [number, number][] = [];
    const all = samples(shape, data, classes);
    await evaluate(model, TASKS.classification, all, own, 7, (...p) => heard.push(p));
    expect(heard.at(-1)).toEqual([7, 7]);
  });

  it('refuses samples that do not fit', async () => {
    const wrong = samples([1, 1, 1], Uint8Array.of(1), [0]);
    await expect(evaluate(model, TASKS.classification, wrong, own)).rejects.toThrow(UserError);
    await expect(
      evaluate(model, TASKS.classification, samples(shape, data, []), own),
    ).rejects.toThrow(/no samples/);
  });
});

/** As the reference: the first of the largest codes. */
function classOf(output: Int8Array): number {
  return output.indexOf(Math.max(...output));
}
