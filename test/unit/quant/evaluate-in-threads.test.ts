import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Normalization, Samples } from '../../../src/core/dataset/dataset';
import { outputSize } from '../../../src/core/graph/graph';
import { evaluate } from '../../../src/core/quant/evaluate';
import {
  evaluateInThreads,
  startEvaluationThread,
} from '../../../src/core/quant/evaluate-in-threads';
import type { EvaluationWork } from '../../../src/core/quant/evaluation-share';
import { evaluateShare } from '../../../src/core/quant/evaluation-share';
import { TASKS } from '../../../src/core/tasks/tasks';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from './random-model';

const model = randomModel(12);
const shape = model.graph.inputShape;
const size = shape[0] * shape[1] * shape[2];
const pixels: Normalization = { kind: 'uint8', mean: [100], std: [50] };
const reals: Normalization = { kind: 'float', mean: [0], std: [1] };

function made(count: number, seed: number): Samples {
  const random = createRandom(seed);
  return {
    count,
    shape,
    data: Uint8Array.from({ length: count * size }, () => random.int(256)),
    targets: Float32Array.from({ length: count }, () => random.int(outputSize(model.graph))),
  };
}

/** Float samples of which these hold something that is no number. */
function damaged(count: number, ...bad: number[]): Samples {
  const random = createRandom(3);
  const data = Float32Array.from({ length: count * size }, () => random.normal());
  for (const index of bad) data[index * size] = NaN;
  return { count, shape, data, targets: new Float32Array(count) };
}

function never(): Promise<Worker> {
  throw new Error('no thread was to be started');
}

describe('an evaluation in threads', () => {
  it.each([
    [2, 333],
    [3, 100],
    [4, 5],
    [3, 2],
  ])('by %i threads finds what one finds: %i samples', async (threads, count) => {
    const samples = made(count, count);
    const alone = await evaluate(model, TASKS.classification, samples, pixels);
    if (count >= 100) expect(alone.value).toBeGreaterThan(0);
    expect(await evaluateInThreads(model, 'classification', samples, pixels, { threads })).toEqual(
      alone,
    );
  });

  it('has all answers, whoever gave them', async () => {
    const samples = made(400, 7);
    const { answers } = await evaluate(model, TASKS.classification, samples, pixels);
    const work = (): EvaluationWork => ({
      model,
      task: 'classification',
      samples,
      normalization: pixels,
      count: 400,
      next: new Int32Array(new SharedArrayBuffer(4)),
      answers: new Float32Array(new SharedArrayBuffer(4 * 400)),
    });
    // A thread that has it all, and shares that take turns in this one.
    const whole = work();
    const thread = await startEvaluationThread(whole);
    const [share]: unknown[] = await once(thread, 'message');
    expect(share).toEqual({});
    expect(whole.answers).toEqual(answers);
    const both = work();
    await Promise.all([evaluateShare(both), evaluateShare(both)]);
    expect(both.answers).toEqual(answers);
  });

  it('does a little work alone', async () => {
    const samples = made(20, 1);
    const alone = await evaluate(model, TASKS.classification, samples, pixels);
    expect(
      await evaluateInThreads(model, 'classification', samples, pixels, { start: never }),
    ).toEqual(alone);
    const one = await evaluateInThreads(model, 'classification', samples, pixels, {
      threads: 1,
      start: never,
    });
    expect(one).toEqual(alone);
  });

  it('tells progress up to the end', async () => {
    const heard: [number, number][] = [];
    const onProgress = (...progress: [number, number]): void => void heard.push(progress);
    await evaluateInThreads(model, 'classification', made(200, 2), pixels, {
      threads: 2,
      onProgress,
    });
    expect(heard.at(-1)).toEqual([200, 200]);
  });

  it.each([[[150, 299]], [[299]], [[0, 150]]])(
    'refuses samples as one thread does: %j are damaged',
    async (bad) => {
      const samples = damaged(300, ...bad);
      const alone = await evaluate(model, TASKS.classification, samples, reals).catch(
        (error: unknown) => error,
      );
      expect(alone).toBeInstanceOf(UserError);
      await expect(
        evaluateInThreads(model, 'classification', samples, reals, { threads: 2 }),
      ).rejects.toEqual(alone);
    },
  );

  it('refuses samples that do not fit', async () => {
    const options = { threads: 2, start: never };
    const wrong: Samples = { ...made(4, 1), shape: [1, 1, 1] };
    await expect(
      evaluateInThreads(model, 'classification', wrong, pixels, options),
    ).rejects.toThrow(UserError);
    await expect(
      evaluateInThreads(model, 'classification', made(0, 1), pixels, options),
    ).rejects.toThrow(/no samples/);
  });

  it.each([
    ['throw new Error("out of memory")', 'a thread that evaluates has ended: out of memory'],
    ['process.exit(7)', 'a thread that evaluates has ended: it exited with code 7'],
  ])('ends when a thread dies, with the cause: %s', async (code, message) => {
    const start = (): Promise<Worker> => Promise.resolve(new Worker(code, { eval: true }));
    const failed = evaluateInThreads(model, 'classification', made(200, 5), pixels, {
      threads: 3,
      start,
    });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toHaveProperty('cause');
  });

  it('ends when a thread cannot be started', async () => {
    const start = (): Promise<Worker> => Promise.reject(new Error('no such file'));
    await expect(
      evaluateInThreads(model, 'classification', made(200, 5), pixels, { threads: 2, start }),
    ).rejects.toThrow('a thread that evaluates has ended: no such file');
  });
});
