/** A training that ends in seconds: bars at three angles in noise, a network with every kind of layer that trains. */
import type { ResolvedConfig } from '../../../src/core/config/config';
import { BatchSource, type TrainingBatches } from '../../../src/core/dataset/batches';
import type { Dataset, Samples } from '../../../src/core/dataset/dataset';
import { buildGraph } from '../../../src/core/graph/build';
import { weightCount, weightedLayers } from '../../../src/core/graph/graph';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { decodeContainer, encodeContainer } from '../../../src/core/run/container';
import type { Engine } from '../../../src/core/train/engines/engine';
import { train, type TrainOutcome } from '../../../src/core/train/loop/train';
import { possibleFormats } from '../../../src/core/east/possible-formats';
import { trainedFormats, type TrainedFormats } from '../../../src/core/formats/fits';
import type { TrainingSetup } from '../../../src/core/train/loop/setup';
import { checkSnapshot } from '../../../src/core/train/loop/snapshot-schema';
import type { Snapshot } from '../../../src/core/train/loop/training-state';
import { createRandom } from '../../../src/core/util/random';

export const graph = buildGraph({
  input: [8, 8, 1],
  classes: 3,
  layers: [
    { type: 'conv2d', name: 'c1', filters: 8, kernel: 3, activation: 'relu' },
    { type: 'conv2d', name: 'c2', filters: 8, kernel: 3, activation: 'relu' },
    { type: 'add', inputs: ['c1', 'c2'] },
    { type: 'depthwiseConv2d', kernel: 3, stride: 2, activation: 'relu6' },
    { type: 'maxPool2d', pool: 2 },
    { type: 'dense', units: 24, activation: 'relu' },
    { type: 'dense', units: 3 },
    { type: 'softmax' },
  ],
});

/** Bars at three angles in noise: learnt in a few epochs, not trivially. */
export function samples(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const data = new Uint8Array(count * 64);
  const targets = new Float32Array(count);
  for (let n = 0; n < count; n++) {
    const label = random.int(3);
    const at = 1 + random.int(6);
    targets[n] = label;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const on = label === 0 ? y === at : label === 1 ? x === at : (x + y) % 8 === at;
        data[n * 64 + y * 8 + x] = Math.max(
          0,
          Math.min(255, 90 + (on ? 80 : 0) + random.normal() * 30),
        );
      }
    }
  }
  return { count, shape: [8, 8, 1], data, targets };
}

export const dataset: Dataset = {
  task: 'classification',
  shape: [8, 8, 1],
  outputNames: ['across', 'down', 'slanted'],
  train: samples(480, 1),
  validation: samples(120, 2),
  test: samples(240, 3),
  normalization: { kind: 'uint8', mean: [100], std: [45] },
};

export const tileWeights = Object.fromEntries(
  weightedLayers(graph).map((l) => [l.name, [weightCount(l)]]),
);
export const dense = weightedLayers(graph).reduce((sum, l) => sum + weightCount(l), 0);
export const budget = Math.floor(dense * 0.5);

export function job(
  engine: Engine,
  method: ResolvedConfig['east']['method'],
  changes: Partial<TrainingSetup> = {},
): TrainingSetup {
  return {
    formats: formatsOf(8),
    config: {
      training: {
        epochs: 3,
        pruneEpochs: 5,
        batchSize: 32,
        optimizer: 'adam',
        learningRate: 0.01,
        pruneLearningRate: 0.005,
        momentum: 0.9,
        weightDecay: 1e-4,
        labelSmoothing: 0.05,
        schedule: 'one-cycle',
        seed: 7,
        checkpointSeconds: 1000,
      },
      east: { method, group: 4, interval: 6, encoder: 'optimal', codec: 'lz4', freeze: 0.5 },
    },
    graph,
    dataset,
    batches: batches(),
    engine,
    tileWeights,
    blockBudget: method === 'dense' ? undefined : budget,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    saveCheckpoint: () => undefined,
    ...changes,
  };
}

/** With weights of few bits in `blockBudget` bytes. */
export function fewBits(
  engine: Engine,
  weights: ResolvedConfig['quantization']['weights'],
  blockBudget: number,
  changes: Partial<TrainingSetup> = {},
): TrainingSetup {
  return job(engine, 'east', { formats: formatsOf(weights), blockBudget, ...changes });
}

/** What a config of these bits may be trained in; `pruned`: under a budget. */
export function formatsOf(
  weights: ResolvedConfig['quantization']['weights'],
  pruned = true,
): TrainedFormats {
  return trainedFormats(possibleFormats(graph, { weights }, pruned));
}

export function batches(samples = dataset.train): BatchSource {
  return new BatchSource({
    samples,
    normalization: dataset.normalization,
    augmentation: { flip: false, shift: 1, noise: 0.05 },
    batchSize: 32,
    seed: 7,
  });
}

export function finished(outcome: TrainOutcome): TrainOutcome & { status: 'finished' } {
  if (outcome.status !== 'finished') throw new Error('the training was stopped');
  return outcome;
}

/** Everything that decides the firmware's bytes. */
export function bytesOf(model: QuantizedModel): Buffer {
  const arrays = Object.entries(model.layers).flatMap(([name, l]) =>
    Object.entries(l).map(([key, values]) => [`${name}.${key}`, values] as const),
  );
  return Buffer.from(encodeContainer({ meta: model.tensors, arrays: Object.fromEntries(arrays) }));
}

/** A snapshot as it comes back from disk. */
export function throughDisk(snapshot: Snapshot): Snapshot {
  const read = checkSnapshot(decodeContainer(encodeContainer(snapshot), 'memory'));
  if ('problem' in read) throw new Error(read.problem);
  return read.value;
}

/** The last checkpoint of a training that is asked to stop in its step `stopAt` of 120. */
export async function stoppedAt(
  stopAt: number,
  jobWith: (changes: Partial<TrainingSetup>) => TrainingSetup,
): Promise<Snapshot> {
  const { saved, outcome } = await stoppedOnce(stopAt, batches(), jobWith);
  if (stopAt < 119 && (outcome.status !== 'stopped' || outcome.step !== stopAt + 1)) {
    throw new Error(`not stopped after step ${stopAt}: ${outcome.status} at ${outcome.step}`);
  }
  return saved;
}

/** What becomes of a training that is asked to stop when it first wants the batch `index` of `source`. */
export async function stoppedOnce(
  index: number,
  source: TrainingBatches,
  jobWith: (changes: Partial<TrainingSetup>) => TrainingSetup,
): Promise<{ readonly saved: Snapshot; readonly outcome: TrainOutcome }> {
  const controller = new AbortController();
  let saved: Snapshot | undefined;
  const outcome = await train(
    jobWith({
      signal: controller.signal,
      batches: {
        stepsPerEpoch: source.stepsPerEpoch,
        batchSize: source.batchSize,
        at: (step) => {
          if (step === index) controller.abort();
          return source.at(step);
        },
        close: () => source.close(),
      },
      saveCheckpoint: (snapshot) => {
        saved = throughDisk(snapshot);
      },
    }),
  );
  if (saved === undefined) throw new Error('no checkpoint was saved');
  return { saved, outcome };
}
