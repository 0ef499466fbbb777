import { beforeAll, describe, expect, it } from 'vitest';
import type { Samples } from '../../../src/core/dataset/dataset';
import { codecsSet, codingsOf, withCodecs } from '../../../src/core/codecs/choice';
import { possibleFormats } from '../../../src/core/east/possible-formats';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import type { EncodedModel } from '../../../src/core/firmware/encoded-model';
import { trainedFormats } from '../../../src/core/formats/fits';
import { planMemory } from '../../../src/core/plan/memory';
import { layerCoding, type LayerCoding } from '../../../src/core/codecs/coding';
import type { Encoder } from '../../../src/core/codecs/lz4/encode';
import { buildGraph } from '../../../src/core/graph/build';
import { INPUT, channelOf, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import { quantizeInput } from '../../../src/core/quant/evaluate';
import { createExecutor } from '../../../src/core/quant/executor';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { inputQuantization } from '../../../src/core/quant/quantization';
import { recomputeStatistics } from '../../../src/core/train/loop/candidates';
import { beginLoop } from '../../../src/core/train/loop/context';
import { deploy } from '../../../src/core/train/loop/deploy';
import { largestCode } from '../../../src/core/formats/packing';
import {
  symbolLayer,
  unprunedBytes,
  type PruningLayer,
} from '../../../src/core/train/loop/pruning';
import { valueAt } from '../../../src/core/tasks/measurement';
import type { Engine } from '../../../src/core/train/engines/engine';
import type { FormatFit } from '../../../src/core/formats/fit';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { Network } from '../../../src/core/train/shards/network';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import type { Ranges } from '../../../src/core/train/pass/ranges';
import { tensorQuantizations } from '../../../src/core/train/pass/ranges';
import type { TrainProgress } from '../../../src/core/train/loop/progress';
import { soloTeam } from '../../../src/core/train/shards/team';
import { train } from '../../../src/core/train/loop/train';
import type { TrainingSetup } from '../../../src/core/train/loop/setup';
import type { Snapshot } from '../../../src/core/train/loop/training-state';
import { UserError } from '../../../src/core/util/errors';
import {
  batches,
  budget,
  bytesOf,
  dataset,
  dense,
  fewBits,
  finished,
  formatsOf,
  graph,
  job,
  stoppedAt,
  throughDisk,
  tileWeights,
} from './toy-job';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

function blockBytes(model: QuantizedModel, encoder: Encoder = 'optimal'): number {
  const layers = weightedLayers(graph).map(({ name }) =>
    storedLayer(name, model.layers[name]!.weights, layerCoding('int8', { encoder })),
  );
  return unprunedBytes(layers).total;
}

function storedBytesOf({ layers }: EncodedModel): number {
  return layers.flatMap(({ tiles }) => tiles).reduce((sum, { stored }) => sum + stored.length, 0);
}

function storedLayer(name: string, weights: Int8Array, coding: LayerCoding): PruningLayer {
  return symbolLayer(name, weights, new Float32Array(weights.length), tileWeights[name]!, coding);
}

describe('training', () => {
  it.each(['east', 'magnitude', 'group'] as const)(
    '%s learns, and its blocks fit',
    async (method) => {
      const events: TrainProgress[] = [];
      const { config } = job(engine, method);
      const outcome = finished(
        await train(
          job(engine, method, {
            // By the seed, magnitude reaches 0.64 to 0.9.
            config: { ...config, training: { ...config.training, seed: 10 } },
            onProgress: (e) => events.push(e),
          }),
        ),
      );
      expect(valueAt(outcome.measured, 'float')).toBeGreaterThan(0.5);
      expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.75);
      expect(blockBytes(outcome.model)).toBeLessThanOrEqual(budget);
      const targets = events.flatMap((e) => (e.type === 'prune' ? [e.storedTarget] : []));
      expect(targets[0]).toBe(dense);
      expect(targets.at(-1)).toBeLessThanOrEqual(budget);
      expect(targets).toEqual([...targets].sort((a, b) => b - a));
      for (const e of events) {
        if (e.type === 'prune') expect(e.storedBytes).toBeLessThanOrEqual(e.storedTarget);
      }
    },
  );

  it('meets the budget with the greedy encoder, where that is asked for', async () => {
    const { config } = job(engine, 'east');
    const east = { ...config.east, encoder: 'greedy' as const };
    const outcome = finished(await train(job(engine, 'east', { config: { ...config, east } })));
    expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.6);
    expect(blockBytes(outcome.model, 'greedy')).toBeLessThanOrEqual(budget);
    expect(blockBytes(outcome.model, 'greedy')).toBeGreaterThan(budget * 0.9);
    expect(blockBytes(outcome.model)).toBeLessThan(blockBytes(outcome.model, 'greedy'));
  });

  it.each([
    [4, 'int4', 0.3],
    [2, 'quaternary', 0.22],
    ['ternary', 'ternary', 0.18],
    [1, 'binary', 0.11],
  ] as const)(
    'weights of %s learn, and their packed blocks fit',
    async (weights, format, share) => {
      const packedBudget = Math.floor(dense * share);
      const events: TrainProgress[] = [];
      const outcome = finished(
        await train(fewBits(engine, weights, packedBudget, { onProgress: (e) => events.push(e) })),
      );
      // Guessing gives a third; three levels are few for so small a network.
      expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.6);
      expect(valueAt(outcome.measured, 'quantized')).toBeGreaterThan(0.5);
      const layers = weightedLayers(graph).map(({ name }) => {
        expect(outcome.formats[name]).toBe(format);
        const { weights } = outcome.model.layers[name]!;
        expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(largestCode(format));
        return storedLayer(name, weights, layerCoding(format));
      });
      expect(unprunedBytes(layers).total).toBeLessThanOrEqual(packedBudget);
      const targets = events.flatMap((e) => (e.type === 'prune' ? [e.storedTarget] : []));
      expect(targets[0]).toBe(layers.reduce((sum, layer) => sum + layer.symbols.length, 0));
    },
  );

  it('of few bits, stopped and resumed, ends in the same bytes', async () => {
    const budget = Math.floor(dense * 0.14);
    const whole = bytesOf(finished(await train(fewBits(engine, 'ternary', budget))).model);
    // Before and after the formats are chosen, and with masks frozen.
    for (const stopAt of [20, 45, 60, 100]) {
      const saved = await stoppedAt(stopAt, (changes) =>
        fewBits(engine, 'ternary', budget, changes),
      );
      const resumed = finished(
        await train(fewBits(engine, 'ternary', budget, { snapshot: saved })),
      );
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it.each(['east', 'magnitude', 'group'] as const)(
    'chooses formats, method %s, tells them, and stopped and resumed keeps them',
    async (method) => {
      const packedBudget = Math.floor(dense * 0.3);
      const auto = (changes: Partial<TrainingSetup> = {}): TrainingSetup => {
        const base = fewBits(engine, 'auto', packedBudget);
        const { config } = base;
        const east = { ...config.east, method };
        return { ...base, config: { ...config, east }, ...changes };
      };
      const events: TrainProgress[] = [];
      const whole = finished(await train(auto({ onProgress: (e) => events.push(e) })));
      expect(valueAt(whole.measured, 'fitted')).toBeGreaterThan(0.6);
      expect(new Set(Object.values(whole.formats)).size).toBeGreaterThan(1);
      const layers = weightedLayers(graph).map(({ name }) => {
        const { weights } = whole.model.layers[name]!;
        return storedLayer(name, weights, layerCoding(whole.formats[name]!));
      });
      expect(unprunedBytes(layers).total).toBeLessThanOrEqual(packedBudget);
      for (const e of events) {
        if (e.type !== 'prune') continue;
        expect(Object.fromEntries(e.layers.map((layer) => [layer.name, layer.format]))).toEqual(
          whole.formats,
        );
      }
      for (const stopAt of method === 'east' ? [44, 46, 100] : [46]) {
        const saved = await stoppedAt(stopAt, auto);
        const resumed = finished(await train(auto({ snapshot: saved })));
        expect(resumed.formats).toEqual(whole.formats);
        expect(bytesOf(resumed.model).equals(bytesOf(whole.model)), `at ${stopAt}`).toBe(true);
      }
    },
  );

  it.each([
    ['entropy', 0.2, false],
    ['auto', 0.5, false],
    ['entropy', 0.25, true],
  ] as const)(
    'aims at the codec that is asked for (%s, %f of the bytes, in steps: %s), meets the budget with it, and stopped and resumed keeps it',
    async (codec, share, steps) => {
      const allowed = codecsSet(codec);
      const packedBudget = Math.floor(dense * share);
      const setup = (changes: Partial<TrainingSetup> = {}): TrainingSetup => {
        const possible = possibleFormats(graph, { weights: 'auto' }, true, allowed);
        const formats = withCodecs(trainedFormats(possible), allowed, steps);
        return fewBits(engine, 'auto', packedBudget, { formats, ...changes });
      };
      const whole = finished(await train(setup()));
      expect(valueAt(whole.measured, 'fitted')).toBeGreaterThan(0.6);
      const used = new Set(Object.values(whole.codecs));
      expect(used).toContain('entropy');
      if (codec === 'entropy') expect(used.size).toBe(1);
      const codings = codingsOf(whole.formats, whole.codecs, {}, allowed);
      const layers = weightedLayers(graph).map(({ name }) =>
        storedLayer(name, whole.model.layers[name]!.weights, codings[name]!),
      );
      const { total } = unprunedBytes(layers);
      expect(total).toBeLessThanOrEqual(packedBudget);
      expect(total).toBeGreaterThan(0.9 * packedBudget);
      // Really encoded, tiles may take the other codec, and what is decoded are the network's weights.
      const encoded = encodeModel(whole.model, planMemory(graph), codings);
      expect(storedBytesOf(encoded)).toBeLessThanOrEqual(total);
      for (const stopAt of [44, 46, 100]) {
        const saved = await stoppedAt(stopAt, setup);
        if (steps && stopAt > 45) expect(saved.meta.steps?.length).toBeGreaterThan(0);
        const resumed = finished(await train(setup({ snapshot: saved })));
        expect(resumed.codecs).toEqual(whole.codecs);
        expect(bytesOf(resumed.model).equals(bytesOf(whole.model)), `at ${stopAt}`).toBe(true);
      }
    },
  );

  it('trains in a format with a fit of its own from the end of the float epochs on, and resumes with it', async () => {
    // Two levels of one scale a channel: the sign.
    const sign: FormatFit = {
      byChannel: false,
      fine: true,
      fit({ weights, order }) {
        const scales = new Float64Array(order.channels);
        weights.forEach((w, i) => {
          scales[channelOf(order, i)]! += Math.abs(w) / order.perChannel;
        });
        return { values: Int8Array.from(weights, (w) => (w < 0 ? -1 : 1)), scales };
      },
    };
    const formats = { ...formatsOf(8), c2: [{ id: 'int8', fit: sign }] } as const;
    const binary = (changes: Partial<TrainingSetup> = {}): TrainingSetup =>
      job(engine, 'dense', { formats, ...changes });
    const whole = finished(await train(binary()));
    expect(new Set(whole.model.layers['c2']!.weights)).toEqual(new Set([-1, 1]));
    expect(new Set(whole.model.layers['c1']!.weights).size).toBeGreaterThan(10);
    expect(valueAt(whole.measured, 'fitted')).toBeGreaterThan(0.7);
    const plain = finished(await train(job(engine, 'dense')));
    expect(valueAt(whole.measured, 'quantized')).toBe(valueAt(plain.measured, 'quantized'));
    for (const stopAt of [20, 60]) {
      const resumed = finished(await train(binary({ snapshot: await stoppedAt(stopAt, binary) })));
      expect(bytesOf(resumed.model).equals(bytesOf(whole.model)), `at ${stopAt}`).toBe(true);
    }
  });

  it('takes int8 for auto where nothing has to fit', async () => {
    const base = fewBits(engine, 'auto', budget);
    const { config } = base;
    const free = finished(
      await train({
        ...base,
        config: { ...config, east: { ...config.east, method: 'dense' } },
        formats: formatsOf('auto', false),
        blockBudget: undefined,
      }),
    );
    expect(new Set(Object.values(free.formats))).toEqual(new Set(['int8']));
    const all = finished(await train({ ...base, blockBudget: dense * 2 }));
    expect(new Set(Object.values(all.formats))).toEqual(new Set(['int8']));
  });

  it('reads a checkpoint from before there were formats', async () => {
    const whole = bytesOf(finished(await train(job(engine, 'east'))).model);
    const { meta, arrays } = await stoppedAt(60, (changes) => job(engine, 'east', changes));
    const { formats, ...older } = meta;
    expect(formats).toContainEqual(['c1', 'int8']);
    const resumed = finished(
      await train(job(engine, 'east', { snapshot: { meta: older, arrays } })),
    );
    expect(bytesOf(resumed.model).equals(whole)).toBe(true);
  });

  it('does not mind a training set sorted by class', async () => {
    const { train: shuffled } = dataset;
    const order = [...shuffled.targets.keys()].sort(
      (a, b) => shuffled.targets[a]! - shuffled.targets[b]!,
    );
    const sorted: Samples = {
      ...shuffled,
      targets: Float32Array.from(order, (i) => shuffled.targets[i]!),
      data: Uint8Array.from(
        order.flatMap((i) => [...shuffled.data.subarray(i * 64, (i + 1) * 64)]),
      ),
    };
    const outcome = finished(
      await train(
        job(engine, 'east', { dataset: { ...dataset, train: sorted }, batches: batches(sorted) }),
      ),
    );
    expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.75);
  });

  it('dense prunes nothing', async () => {
    const outcome = finished(await train(job(engine, 'dense')));
    expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.8);
    expect(blockBytes(outcome.model)).toBeGreaterThan(0.9 * dense);
  });

  it('gives the same bytes twice, and other bytes for another seed', async () => {
    const config = job(engine, 'east').config;
    const other = { ...config, training: { ...config.training, seed: 8 } };
    const [a, b, c] = [
      finished(await train(job(engine, 'east'))),
      finished(await train(job(engine, 'east'))),
      finished(await train(job(engine, 'east', { config: other }))),
    ];
    expect(bytesOf(a.model).equals(bytesOf(b.model))).toBe(true);
    expect(bytesOf(a.model).equals(bytesOf(c.model))).toBe(false);
  });

  it('stopped at any of ten steps and resumed ends in the same bytes', async () => {
    const whole = bytesOf(finished(await train(job(engine, 'east'))).model);
    // In both phases, at phase ends, just before and after mask searches, and the very last step.
    for (const stopAt of [0, 1, 14, 44, 45, 46, 51, 83, 84, 119]) {
      const saved = await stoppedAt(stopAt, (changes) => job(engine, 'east', changes));
      const resumed = finished(await train(job(engine, 'east', { snapshot: saved })));
      expect(bytesOf(resumed.model).equals(whole), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('refuses a checkpoint of another engine or another network', async () => {
    let saved: Snapshot | undefined;
    await train(
      job(engine, 'dense', {
        saveCheckpoint: (snapshot) => {
          saved = throughDisk(snapshot);
        },
      }),
    );
    const foreign = { ...saved!, meta: { ...saved!.meta, engine: 'native' } };
    await expect(train(job(engine, 'dense', { snapshot: foreign }))).rejects.toThrow(
      'the run was trained with the native engine; resume it with "engine": "native"',
    );
    const rest = { ...saved!.arrays };
    delete rest['c1.weights'];
    const damaged = { ...saved!, arrays: rest };
    await expect(train(job(engine, 'dense', { snapshot: damaged }))).rejects.toThrow(UserError);
    await expect(train(job(engine, 'dense', { initialWeights: rest }))).rejects.toThrow(
      "the checkpoint is of another network: c1.weights has no values, the config's network 72",
    );
  });

  it('says what to do when the loss explodes', async () => {
    const config = job(engine, 'east').config;
    const wild = {
      ...config,
      training: { ...config.training, optimizer: 'sgd' as const, learningRate: 1e30 },
    };
    await expect(train(job(engine, 'east', { config: wild }))).rejects.toThrow(
      /lower training.learningRate/,
    );
  });
});

describe('fake quantisation in training', () => {
  it('validates networks whose masks still move with batch norm’s statistics as they are then', async () => {
    const normed = buildGraph({
      input: [8, 8, 1],
      classes: 3,
      layers: [
        { type: 'conv2d', name: 'c1', filters: 8, kernel: 3, batchNorm: true, activation: 'relu' },
        { type: 'conv2d', name: 'c2', filters: 8, kernel: 3, batchNorm: true, activation: 'relu' },
        { type: 'maxPool2d', pool: 4 },
        { type: 'dense', units: 3 },
        { type: 'softmax' },
      ],
    });
    const sizes = weightedLayers(normed).map((layer) => [layer.name, weightCount(layer)] as const);
    const jobWith = (changes: Partial<TrainingSetup>): TrainingSetup =>
      job(engine, 'east', {
        graph: normed,
        tileWeights: Object.fromEntries(sizes.map(([name, count]) => [name, [count]])),
        formats: trainedFormats(possibleFormats(normed, { weights: 8 }, true)),
        blockBudget: 300,
        ...changes,
      });
    // The last step of the first epoch that prunes.
    const snapshot = await stoppedAt(59, jobWith);
    const loop = beginLoop(jobWith({ snapshot }));
    const statistics = (): number[][] =>
      ['c1', 'c2'].flatMap((name) => {
        const { mean, variance } = loop.state.parameters.get(name)!;
        return [[...mean!], [...variance!]];
      });
    const before = statistics();
    await recomputeStatistics(loop);
    expect(statistics()).toEqual(before);
    // And whoever stops between two epochs ends where nobody stopped.
    const [resumed, whole] = [await train(jobWith({ snapshot })), await train(jobWith({}))];
    expect(bytesOf(finished(resumed).model)).toEqual(bytesOf(finished(whole).model));
  });

  it('foretells the integer executor’s output to a step or two of the output’s scale', async () => {
    const parameters = initialParameters(graph, 5);
    const network = new Network(soloTeam(engine, graph), graph, parameters);
    const ranges: Ranges = new Map();
    const source = batches();
    await network.infer(await source.at(0), undefined, ranges);
    const tensors = tensorQuantizations(graph, ranges, inputQuantization(dataset.normalization));
    const model = deploy(graph, parameters, tensors, tileWeights);
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
      const foretold = await network.infer({ examples: 1, x, y: Float32Array.of(0) }, tensors);
      exact.forEach((value, c) => {
        worst = Math.max(worst, Math.abs(value - foretold[c]!) / scale);
      });
    }
    expect(worst).toBeLessThanOrEqual(2.01);
  });
});
