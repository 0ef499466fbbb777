import { beforeAll, describe, expect, it } from 'vitest';
import { BatchSource } from '../../../../src/core/dataset/batches';
import type { Dataset } from '../../../../src/core/dataset/dataset';
import { possibleFormats } from '../../../../src/core/east/possible-formats';
import { trainedFormats } from '../../../../src/core/formats/fits';
import { weightCount, weightedLayers } from '../../../../src/core/graph/graph';
import { valueAt } from '../../../../src/core/tasks/measurement';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import type { FloatNetwork } from '../../../../src/core/train/imported/float-network';
import { liveGraph, liveParameters } from '../../../../src/core/train/imported/live-batch-norm';
import { imitatedBy, labelledBy } from '../../../../src/core/train/imported/teacher';
import type { TrainingSetup } from '../../../../src/core/train/loop/setup';
import { train } from '../../../../src/core/train/loop/train';
import { startShardTeam } from '../../../../src/core/train/shards/shard-team';
import { bytesOf, finished, job, throughDisk } from '../toy-job';
import { network, normalization, pictures } from './nets';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const file = network();
const graph = liveGraph(file.graph);
const tileWeights = Object.fromEntries(
  weightedLayers(graph).map((layer) => [layer.name, [weightCount(layer)]]),
);
const dense = weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0);

/** Nobody has labelled it. */
const unlabelled: Dataset = {
  task: 'classification',
  shape: [8, 8, 3],
  outputNames: ['a', 'b', 'c', 'd'],
  train: pictures(256, 11),
  validation: pictures(64, 12),
  test: pictures(128, 13),
  normalization,
};

async function setupOf(
  dataset: Dataset,
  changes: Partial<TrainingSetup> = {},
): Promise<TrainingSetup> {
  const base = job(engine, 'east');
  return {
    ...base,
    config: {
      ...base.config,
      training: { ...base.config.training, epochs: 0, pruneEpochs: 6, pruneLearningRate: 0.003 },
    },
    graph,
    dataset,
    tileWeights,
    blockBudget: Math.floor(dense / 3),
    formats: trainedFormats(possibleFormats(graph, { weights: 'auto' }, true)),
    batches: new BatchSource({
      samples: dataset.train,
      normalization,
      augmentation: { flip: true, shift: 1, noise: 0 },
      batchSize: 32,
      seed: 3,
    }),
    initialWeights: await liveParameters(
      engine,
      { graph: file.graph, weights: file.layers },
      dataset.train,
      normalization,
    ),
    teacher: file,
    ...changes,
  };
}

describe('what is imitated', () => {
  it('is the class behind scores or a softmax, and numbers where there are no classes', () => {
    const { graph } = file;
    const open = { ...graph, layers: graph.layers.slice(0, -1) };
    const map = { ...graph, layers: graph.layers.slice(0, 3) };
    expect([graph, open, map].map(imitatedBy)).toEqual(['classes', 'classes', 'values']);
  });
});

describe('a network taught by the one that was imported', () => {
  it('agrees with it in a third of the bytes, without a label', async () => {
    const dataset = await labelledBy(engine, file, unlabelled, imitatedBy(file.graph));
    expect(dataset.task).toBe('agreement');
    const outcome = finished(await train(await setupOf(dataset)));
    expect(outcome.measured.map(({ metric }) => metric)).toEqual(
      new Array(3).fill('agreement with the original'),
    );
    // It starts as the network itself, batch norm live.
    expect(valueAt(outcome.measured, 'float')).toBe(1);
    expect(valueAt(outcome.measured, 'quantized')).toBeGreaterThan(0.95);
    expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.85);
  });

  it('ends in the same bytes when it is stopped on the way and resumed', async () => {
    const dataset = await labelledBy(engine, file, unlabelled, 'classes');
    const whole = finished(await train(await setupOf(dataset)));
    const controller = new AbortController();
    const setup = await setupOf(dataset, { signal: controller.signal });
    let saved: TrainingSetup['snapshot'];
    await train({
      ...setup,
      batches: {
        ...setup.batches,
        stepsPerEpoch: setup.batches.stepsPerEpoch,
        batchSize: setup.batches.batchSize,
        at: (step) => {
          if (step === 20) controller.abort();
          return setup.batches.at(step);
        },
        close: () => Promise.resolve(),
      },
      saveCheckpoint: (snapshot) => {
        saved = throughDisk(snapshot);
      },
    });
    const resumed = finished(await train(await setupOf(dataset, { snapshot: saved! })));
    expect(bytesOf(resumed.model)).toEqual(bytesOf(whole.model));
  });

  it('is taught the same by threads', async () => {
    const dataset = await labelledBy(engine, file, unlabelled, 'classes');
    const team = await startShardTeam({ engine, graph, batchSize: 32, shards: 2 });
    try {
      const outcome = finished(await train(await setupOf(dataset, { team })));
      expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.85);
    } finally {
      await team.close();
    }
  });

  it('learns numbers, where the network puts out no classes', async () => {
    const open: FloatNetwork = {
      ...file,
      graph: { ...file.graph, layers: file.graph.layers.slice(0, -1) },
    };
    const dataset = await labelledBy(engine, open, unlabelled, 'values');
    expect(dataset.task).toBe('imitation');
    expect(dataset.train.targets.length).toBe(4 * 256);
    const half = await setupOf(dataset, {
      graph: liveGraph(open.graph),
      teacher: open,
      blockBudget: Math.floor(dense / 2),
    });
    const { config } = half;
    const training = { ...config.training, pruneEpochs: 12, pruneLearningRate: 0.005 };
    const outcome = finished(await train({ ...half, config: { ...config, training } }));
    expect(valueAt(outcome.measured, 'float')).toBeLessThan(1e-3);
    expect(valueAt(outcome.measured, 'quantized')).toBeLessThan(0.2);
    expect(valueAt(outcome.measured, 'fitted')).toBeLessThan(0.35);
  });
});
