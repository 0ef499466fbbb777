/** Whole trainings with the GPU engine, short ones. */
import { describe, expect, it } from 'vitest';
import { BatchSource } from '../../../src/core/dataset/batches';
import type { Engine } from '../../../src/core/train/engines/engine';
import { train } from '../../../src/core/train/loop/train';
import type { TrainingSetup } from '../../../src/core/train/loop/setup';
import type { Snapshot } from '../../../src/core/train/loop/training-state';
import { webgpuForTests } from '../train-kernels/webgpu-for-tests';
import { bytesOf, dataset, finished, job, samples, stoppedOnce } from './toy-job';

const webgpu = await webgpuForTests();

/** 4 steps each before and while pruning: a software adapter takes its time. */
const short = {
  ...dataset,
  train: samples(64, 1),
  validation: samples(16, 2),
  test: samples(16, 3),
};

function source(): BatchSource {
  return new BatchSource({
    samples: short.train,
    normalization: short.normalization,
    augmentation: { flip: false, shift: 1, noise: 0.05 },
    batchSize: 16,
    seed: 7,
  });
}

function shortJob(engine: Engine, changes: Partial<TrainingSetup> = {}): TrainingSetup {
  const { config } = job(engine, 'east');
  const training = { ...config.training, epochs: 1, pruneEpochs: 1, batchSize: 16 };
  const east = { ...config.east, interval: 1 };
  return job(engine, 'east', {
    config: { ...config, training, east },
    dataset: short,
    batches: source(),
    ...changes,
  });
}

async function stoppedShort(engine: Engine, stopAt: number): Promise<Snapshot> {
  const { saved } = await stoppedOnce(stopAt, source(), (changes) => shortJob(engine, changes));
  return saved;
}

describe.skipIf(!webgpu)('training with the GPU engine', () => {
  it('learns, and stopped and resumed ends in the same bytes', async () => {
    const { engine } = webgpu!;
    const losses: number[] = [];
    const onProgress: TrainingSetup['onProgress'] = (event) => {
      if (event.type === 'step') losses.push(event.loss);
    };
    const whole = bytesOf(finished(await train(shortJob(engine, { onProgress }))).model);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    // In the float phase, and among the mask searches.
    for (const stopAt of [2, 5]) {
      const saved = await stoppedShort(engine, stopAt);
      expect(saved.meta.engine).toBe('webgpu');
      const resumed = finished(await train(shortJob(engine, { snapshot: saved })));
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('a run of another engine is not resumed', async () => {
    const saved = await stoppedShort(webgpu!.engine, 1);
    const other = { ...saved, meta: { ...saved.meta, engine: 'wasm' } };
    await expect(train(shortJob(webgpu!.engine, { snapshot: other }))).rejects.toThrow(
      'the run was trained with the wasm engine',
    );
  });
});
