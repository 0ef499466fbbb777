import { beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../../src/core/config/config';
import { BatchSource } from '../../../src/core/dataset/batches';
import type { Dataset, Samples } from '../../../src/core/dataset/dataset';
import { encodedBytes } from '../../../src/core/east/select';
import { buildGraph } from '../../../src/core/graph/build';
import { INPUT, elements, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { quantizeInput } from '../../../src/core/quant/evaluate';
import { createExecutor } from '../../../src/core/quant/executor';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { inputQuantization } from '../../../src/core/quant/quantization';
import { decodeContainer, encodeContainer } from '../../../src/core/run/container';
import { deploy } from '../../../src/core/train/deploy';
import { largestCode } from '../../../src/core/quant/packing';
import { packLayer, storedBytes } from '../../../src/core/train/pruning';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { Network } from '../../../src/core/train/network';
import { initialParameters } from '../../../src/core/train/parameters';
import type { Ranges } from '../../../src/core/train/ranges';
import { tensorQuantizations } from '../../../src/core/train/ranges';
import type { TrainProgress } from '../../../src/core/train/progress';
import type { TrainJob, TrainOutcome } from '../../../src/core/train/train';
import { train } from '../../../src/core/train/train';
import { isSnapshot, type Snapshot } from '../../../src/core/train/training-state';
import { UserError } from '../../../src/core/util/errors';
import { createRandom } from '../../../src/core/util/random';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const graph = buildGraph({
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
function samples(count: number, seed: number): Samples {
  const random = createRandom(seed);
  const data = new Uint8Array(count * 64);
  const labels = new Uint16Array(count);
  for (let n = 0; n < count; n++) {
    const label = random.int(3);
    const at = 1 + random.int(6);
    labels[n] = label;
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
  return { count, shape: [8, 8, 1], data, labels };
}

const dataset: Dataset = {
  shape: [8, 8, 1],
  classNames: ['across', 'down', 'slanted'],
  train: samples(480, 1),
  validation: samples(120, 2),
  test: samples(240, 3),
  normalization: { kind: 'uint8', mean: [100], std: [45] },
};

const tileBytes = Object.fromEntries(weightedLayers(graph).map((l) => [l.name, [weightCount(l)]]));
const dense = weightedLayers(graph).reduce((sum, l) => sum + weightCount(l), 0);
const budget = Math.floor(dense * 0.5);

function job(method: ResolvedConfig['east']['method'], changes: Partial<TrainJob> = {}): TrainJob {
  return {
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
      east: { method, group: 4, interval: 6, freeze: 0.5 },
      quantization: { weights: 8, activations: 8 },
    },
    graph,
    dataset,
    batches: batches(),
    engine,
    tileBytes,
    blockBudget: method === 'dense' ? undefined : budget,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    saveCheckpoint: () => undefined,
    ...changes,
  };
}

function fewBits(
  weights: ResolvedConfig['quantization']['weights'],
  blockBudget: number,
  changes: Partial<TrainJob> = {},
): TrainJob {
  const { config } = job('east');
  const quantization = { weights, activations: 8 } as const;
  return job('east', { config: { ...config, quantization }, blockBudget, ...changes });
}

function batches(samples = dataset.train): BatchSource {
  return new BatchSource({
    samples,
    normalization: dataset.normalization,
    augmentation: { flip: false, shift: 1, noise: 0.05 },
    batchSize: 32,
    seed: 7,
  });
}

function finished(outcome: TrainOutcome): TrainOutcome & { status: 'finished' } {
  if (outcome.status !== 'finished') throw new Error('the training was stopped');
  return outcome;
}

function blockBytes(model: QuantizedModel): number {
  const layers = weightedLayers(graph).map((layer) => ({
    name: layer.name,
    values: model.layers[layer.name]!.weights,
    saliency: new Float32Array(weightCount(layer)),
    tileBytes: tileBytes[layer.name]!,
  }));
  return encodedBytes(
    layers,
    layers.map((l) => new Uint8Array(l.values.length).fill(1)),
  ).total;
}

/** Everything that decides the firmware's bytes. */
function bytesOf(model: QuantizedModel): Buffer {
  const arrays = Object.entries(model.layers).flatMap(([name, l]) =>
    Object.entries(l).map(([key, values]) => [`${name}.${key}`, values] as const),
  );
  return Buffer.from(encodeContainer({ meta: model.tensors, arrays: Object.fromEntries(arrays) }));
}

/** A snapshot as it comes back from disk. */
function throughDisk(snapshot: Snapshot): Snapshot {
  const read = decodeContainer(encodeContainer(snapshot), 'memory');
  if (!isSnapshot(read)) throw new Error('not a snapshot');
  return read;
}

/** The last checkpoint of a training that is asked to stop in its step `stopAt` of 120. */
async function stoppedAt(
  stopAt: number,
  jobWith: (changes: Partial<TrainJob>) => TrainJob,
): Promise<Snapshot> {
  const controller = new AbortController();
  const source = batches();
  let saved: Snapshot | undefined;
  const stopped = await train(
    jobWith({
      signal: controller.signal,
      batches: {
        stepsPerEpoch: source.stepsPerEpoch,
        batchSize: source.batchSize,
        at: (step) => {
          if (step === stopAt) controller.abort();
          return source.at(step);
        },
        close: () => source.close(),
      },
      saveCheckpoint: (snapshot) => {
        saved = throughDisk(snapshot);
      },
    }),
  );
  if (stopAt < 119) expect(stopped).toEqual({ status: 'stopped', step: stopAt + 1 });
  return saved!;
}

describe('training', () => {
  it.each(['east', 'magnitude', 'group'] as const)(
    '%s learns, and its blocks fit',
    async (method) => {
      const events: TrainProgress[] = [];
      const outcome = finished(await train(job(method, { onProgress: (e) => events.push(e) })));
      expect(outcome.accuracy.float).toBeGreaterThan(0.5);
      expect(outcome.accuracy.int8Sparse).toBeGreaterThan(0.75);
      expect(blockBytes(outcome.model)).toBeLessThanOrEqual(budget);
      const targets = events.flatMap((e) => (e.type === 'prune' ? [e.targetBytes] : []));
      expect(targets[0]).toBe(dense);
      expect(targets.at(-1)).toBeLessThanOrEqual(budget);
      expect(targets).toEqual([...targets].sort((a, b) => b - a));
      for (const e of events) {
        if (e.type === 'prune') expect(e.encodedBytes).toBeLessThanOrEqual(e.targetBytes);
      }
    },
  );

  it.each([
    [4, 'int4', 0.3],
    [2, 'int2', 0.22],
    ['ternary', 'ternary', 0.18],
  ] as const)(
    'weights of %s learn, and their packed blocks fit',
    async (weights, format, share) => {
      const packedBudget = Math.floor(dense * share);
      const events: TrainProgress[] = [];
      const outcome = finished(
        await train(fewBits(weights, packedBudget, { onProgress: (e) => events.push(e) })),
      );
      // Guessing gives a third; three levels are few for so small a network.
      expect(outcome.accuracy.int8Sparse).toBeGreaterThan(0.6);
      expect(outcome.accuracy.int8Dense).toBeGreaterThan(0.5);
      const layers = weightedLayers(graph).map(({ name }) => {
        expect(outcome.formats[name]).toBe(format);
        const { weights } = outcome.model.layers[name]!;
        expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(largestCode(format));
        return packLayer(name, weights, new Float32Array(weights.length), tileBytes[name]!, format);
      });
      expect(storedBytes(layers).total).toBeLessThanOrEqual(packedBudget);
      const targets = events.flatMap((e) => (e.type === 'prune' ? [e.targetBytes] : []));
      expect(targets[0]).toBe(layers.reduce((sum, layer) => sum + layer.values.length, 0));
    },
  );

  it('of few bits, stopped and resumed, ends in the same bytes', async () => {
    const budget = Math.floor(dense * 0.14);
    const whole = bytesOf(finished(await train(fewBits('ternary', budget))).model);
    // Before and after the formats are chosen, and with masks frozen.
    for (const stopAt of [20, 45, 60, 100]) {
      const saved = await stoppedAt(stopAt, (changes) => fewBits('ternary', budget, changes));
      const resumed = finished(await train(fewBits('ternary', budget, { snapshot: saved })));
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('reads a checkpoint from before there were formats', async () => {
    const whole = bytesOf(finished(await train(job('east'))).model);
    const { meta, arrays } = await stoppedAt(60, (changes) => job('east', changes));
    const { formats, ...older } = meta;
    expect(formats).toContainEqual(['c1', 'int8']);
    const resumed = finished(await train(job('east', { snapshot: { meta: older, arrays } })));
    expect(bytesOf(resumed.model).equals(whole)).toBe(true);
  });

  it('does not mind a training set sorted by class', async () => {
    const { train: shuffled } = dataset;
    const order = [...shuffled.labels.keys()].sort(
      (a, b) => shuffled.labels[a]! - shuffled.labels[b]!,
    );
    const sorted: Samples = {
      ...shuffled,
      labels: Uint16Array.from(order, (i) => shuffled.labels[i]!),
      data: Uint8Array.from(
        order.flatMap((i) => [...shuffled.data.subarray(i * 64, (i + 1) * 64)]),
      ),
    };
    const outcome = finished(
      await train(
        job('east', { dataset: { ...dataset, train: sorted }, batches: batches(sorted) }),
      ),
    );
    expect(outcome.accuracy.int8Sparse).toBeGreaterThan(0.75);
  });

  it('dense prunes nothing', async () => {
    const outcome = finished(await train(job('dense')));
    expect(outcome.accuracy.int8Sparse).toBeGreaterThan(0.8);
    expect(blockBytes(outcome.model)).toBeGreaterThan(0.9 * dense);
  });

  it('gives the same bytes twice, and other bytes for another seed', async () => {
    const config = job('east').config;
    const other = { ...config, training: { ...config.training, seed: 8 } };
    const [a, b, c] = [
      finished(await train(job('east'))),
      finished(await train(job('east'))),
      finished(await train(job('east', { config: other }))),
    ];
    expect(bytesOf(a.model).equals(bytesOf(b.model))).toBe(true);
    expect(bytesOf(a.model).equals(bytesOf(c.model))).toBe(false);
  });

  it('stopped at any of ten steps and resumed ends in the same bytes', async () => {
    const whole = bytesOf(finished(await train(job('east'))).model);
    // In both phases, at phase ends, just before and after mask searches, and the very last step.
    for (const stopAt of [0, 1, 14, 44, 45, 46, 51, 83, 84, 119]) {
      const saved = await stoppedAt(stopAt, (changes) => job('east', changes));
      const resumed = finished(await train(job('east', { snapshot: saved })));
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('refuses a checkpoint of another engine or another network', async () => {
    let saved: Snapshot | undefined;
    await train(
      job('dense', {
        saveCheckpoint: (snapshot) => {
          saved = throughDisk(snapshot);
        },
      }),
    );
    const foreign = { ...saved!, meta: { ...saved!.meta, engine: 'native' } };
    await expect(train(job('dense', { snapshot: foreign }))).rejects.toThrow(
      'the run was trained with the native engine; resume it with "engine": "native"',
    );
    const rest = { ...saved!.arrays };
    delete rest['c1.weights'];
    const damaged = { ...saved!, arrays: rest };
    await expect(train(job('dense', { snapshot: damaged }))).rejects.toThrow(UserError);
    await expect(train(job('dense', { initialWeights: rest }))).rejects.toThrow(
      "the checkpoint is of another network: c1.weights has no values, the config's network 72",
    );
  });

  it('says what to do when the loss explodes', async () => {
    const config = job('east').config;
    const wild = {
      ...config,
      training: { ...config.training, optimizer: 'sgd' as const, learningRate: 1e30 },
    };
    await expect(train(job('east', { config: wild }))).rejects.toThrow(
      /lower training.learningRate/,
    );
  });
});

describe('fake quantisation in training', () => {
  it('foretells the integer executor’s output to a step or two of the output’s scale', async () => {
    const parameters = initialParameters(graph, 5);
    const network = new Network(engine, graph, parameters);
    const ranges: Ranges = new Map();
    const source = batches();
    network.infer(await source.at(0), undefined, ranges);
    const tensors = tensorQuantizations(graph, ranges, inputQuantization(dataset.normalization));
    const model = deploy(graph, parameters, tensors);
    const executor = createExecutor(model);
    const logitsLayer = graph.layers.at(-2)!;
    const { scale, zeroPoint } = tensors[logitsLayer.name]!;
    const one = { ...dataset.test, count: 1 };
    let worst = 0;
    for (let i = 0; i < 60; i++) {
      const input = new Int8Array(elements(dataset.shape));
      quantizeInput(dataset.test, i, dataset.normalization, model.tensors[INPUT]!, input);
      executor.run(input);
      const exact = [...executor.tensor(logitsLayer.name)].map((q) => (q - zeroPoint) * scale);
      const x = Float32Array.from(one.data.subarray(i * 64, (i + 1) * 64), (p) => (p - 100) / 45);
      const foretold = network.infer({ x, y: Int32Array.of(0) }, tensors);
      exact.forEach((value, c) => {
        worst = Math.max(worst, Math.abs(value - foretold[c]!) / scale);
      });
    }
    expect(worst).toBeLessThanOrEqual(2.01);
  });
});
