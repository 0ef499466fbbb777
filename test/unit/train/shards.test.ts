import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/dataset/dataset';
import type { Graph } from '../../../src/core/graph/graph';
import { outputChannels, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { valueAt } from '../../../src/core/tasks/measurement';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import type { LayerArrays, PassOptions, PassResult } from '../../../src/core/train/pass/pass';
import {
  channelParts,
  trainedLayers,
  trainingLayers,
  updateChannels,
} from '../../../src/core/train/pass/channel-parts';
import { Network } from '../../../src/core/train/shards/network';
import { createOptimizer } from '../../../src/core/train/pass/optimizer';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import type { Ranges } from '../../../src/core/train/pass/ranges';
import { tensorQuantizations } from '../../../src/core/train/pass/ranges';
import { combineShards } from '../../../src/core/train/shards/combine-shards';
import { defaultShards, openTeam } from '../../../src/core/train/shards/open-team';
import type { LossSettings } from '../../../src/core/tasks/train-task';
import { startShardTeam } from '../../../src/core/train/shards/shard-team';
import type { Team } from '../../../src/core/train/shards/team';
import { soloTeam } from '../../../src/core/train/shards/team';
import { usableCores } from '../../../src/core/util/usable-cores';
import type { TrainingSetup } from '../../../src/core/train/loop/setup';
import { train } from '../../../src/core/train/loop/train';
import type { FormatFit } from '../../../src/core/formats/fit';
import { FITS, trainedFormat } from '../../../src/core/formats/fits';
import { createRandom } from '../../../src/core/util/random';
import { bytesOf, dense, fewBits, finished, formatsOf, graph, job, stoppedAt } from './toy-job';

let engine: Engine;
const open: Team[] = [];
beforeAll(async () => {
  engine = await openEngine('wasm');
});
afterAll(async () => {
  for (const team of open) await team.close();
});

async function team(shards: number, of: Graph = graph): Promise<Team> {
  const started = await openTeam(engine, of, 32, shards);
  open.push(started);
  return started;
}

/** The same network without batch norm, where splitting a batch changes nothing but rounding. */
const plain: Graph = {
  ...graph,
  layers: graph.layers.map((layer) =>
    'batchNorm' in layer ? { ...layer, batchNorm: false } : layer,
  ),
};

function randomLayers(of: Graph, seed: number): LayerArrays[] {
  const random = createRandom(seed);
  const normal = (length: number, deviation: number): Float32Array =>
    Float32Array.from({ length }, () => random.normal() * deviation);
  return weightedLayers(of).map((layer) => {
    const channels = outputChannels(layer);
    const arrays = { weights: normal(weightCount(layer), 0.3), bias: normal(channels, 0.1) };
    return layer.batchNorm ? { ...arrays, gamma: normal(channels, 1) } : arrays;
  });
}

function randomBatch(examples: number, seed: number): Batch {
  const random = createRandom(seed);
  return {
    examples,
    x: Float32Array.from({ length: examples * 64 }, () => random.normal()),
    y: Float32Array.from({ length: examples }, () => random.int(3)),
  };
}

const LOSS: LossSettings = { task: 'classification', labelSmoothing: 0.1 };
const GRADIENTS: PassOptions = { kind: 'gradients', loss: LOSS, ranges: true };

function flat(layers: readonly LayerArrays[]): number[] {
  return layers.flatMap(({ weights, gamma, bias }) => [...weights, ...(gamma ?? []), ...bias]);
}

function worstDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** A copy: the results of a team live until its next pass. */
function kept(result: PassResult): PassResult {
  return structuredClone(result);
}

describe('a team', () => {
  // Also batches that do not divide evenly, and fewer examples than threads.
  it.each([32, 31, 5, 2, 1])('of three computes what one thread does: %i examples', async (n) => {
    const layers = randomLayers(plain, 1);
    const batch = randomBatch(n, n);
    const alone = await soloTeam(engine, plain).run(layers, batch, GRADIENTS);
    const together = await (await team(3, plain)).run(layers, batch, GRADIENTS);
    expect(together.loss).toBeCloseTo(alone.loss, 5);
    expect(together.ranges).toEqual(alone.ranges);
    expect(together.logits).toEqual(alone.logits);
    const gradients = flat(alone.gradients);
    expect(
      worstDifference(
        gradients,
        gradients.map(() => 0),
      ),
    ).toBeGreaterThan(0.01);
    expect(worstDifference(flat(together.gradients), gradients)).toBeLessThan(1e-5);
  });

  it('infers what one thread does, batch norm folded', async () => {
    const layers = randomLayers(plain, 2);
    const batch = randomBatch(17, 3);
    const options: PassOptions = { kind: 'logits', ranges: false };
    const alone = await soloTeam(engine, graph).run(layers, batch, options);
    const together = await (await team(2)).run(layers, batch, options);
    expect(together.logits).toEqual(alone.logits);
    expect(together.gradients).toEqual([]);
  });

  it('gives the same bits at every pass, and those of its shards put together', async () => {
    const layers = randomLayers(graph, 4);
    const batch = randomBatch(30, 5);
    const two = await team(2);
    const first = kept(await two.run(layers, batch, GRADIENTS));
    for (let i = 0; i < 5; i++) expect(await two.run(layers, batch, GRADIENTS)).toEqual(first);
    const solo = soloTeam(engine, graph);
    const halves: PassResult[] = [];
    for (const half of [0, 1]) {
      const part = {
        examples: 15,
        x: batch.x.slice(half * 15 * 64, (half + 1) * 15 * 64),
        y: batch.y.slice(half * 15, (half + 1) * 15),
      };
      halves.push(await solo.run(layers, part, GRADIENTS));
    }
    const combined = combineShards(halves.map((result) => ({ examples: 15, result })));
    expect(combined).toEqual(first);
  });

  // With fewer examples than threads, masks, formats and a fit that threads cannot share.
  it.each([30, 2])('takes the steps of its shards put together: %i examples', async (examples) => {
    const three = await team(3);
    const solo = soloTeam(engine, graph);
    // Asked for all channels at once, as a codebook would need them.
    const whole: FormatFit = {
      ...FITS.int4,
      byChannel: false,
      fit(weights, first, end) {
        expect([first, end]).toEqual([0, weights.order.channels]);
        return FITS.int4.fit(weights, first, end);
      },
    };
    const [parameters, expected] = [0, 1].map(() => {
      const made = initialParameters(graph, 8);
      const random = createRandom(8);
      for (const p of made.values()) p.mask.forEach((_, i) => (p.mask[i] = random.int(2)));
      made.get('c1')!.format = trainedFormat('ternary');
      made.get('c2')!.format = { id: 'int4', fit: whole };
      return made;
    });
    const network = new Network(three, graph, parameters!);
    const ranges: Ranges = new Map();
    await network.infer(randomBatch(32, 9), undefined, ranges);
    const layers = trainedLayers(graph, expected!);
    const config = { optimizer: 'adam', momentum: 0, weightDecay: 0.01 } as const;
    let [optimizer, plain] = [createOptimizer(config), createOptimizer(config)];
    for (let n = 1; n <= 6; n++) {
      const batch = randomBatch(examples, n);
      const quantization =
        n > 3 ? tensorQuantizations(graph, ranges, { scale: 0.03, zeroPoint: 0 }) : undefined;
      // As between two phases of training.
      if (n === 4) [optimizer, plain] = [createOptimizer(config), createOptimizer(config)];
      const update = { optimizerStep: n, rate: 0.01, freezePruned: n > 4 };
      const options = { loss: LOSS, ...(quantization ? { quantization } : {}) };
      const { loss, logits } = await network.step(batch, { optimizer, ...update, ...options });
      const prepared = trainingLayers(graph, layers, quantization !== undefined);
      const shards: { examples: number; result: PassResult }[] = [];
      for (let s = 0; s < 3; s++) {
        const [from, to] = [s, s + 1].map((k) => Math.ceil((k * examples) / 3));
        const part = {
          examples: to! - from!,
          x: batch.x.slice(from! * 64, to! * 64),
          y: batch.y.slice(from, to),
        };
        if (part.examples === 0) continue;
        const pass: PassOptions = { kind: 'gradients', ranges: false, ...options };
        shards.push({ examples: part.examples, result: await solo.run(prepared, part, pass) });
      }
      const combined = combineShards(shards);
      plain.beginStep(n);
      const all = channelParts(graph, 1)[0]!;
      const { gradients } = combined;
      updateChannels(layers, all, [{ share: 1, gradients }], plain, update);
      expect(loss).toBe(combined.loss);
      expect(logits).toEqual(combined.logits);
      for (const { layer, parameters: p } of layers) {
        const { weights, gamma, bias } = parameters!.get(layer.name)!;
        expect([weights, gamma, bias], `step ${n}`).toEqual([p.weights, p.gamma, p.bias]);
      }
      expect(optimizer.state).toEqual(plain.state);
    }
  });

  it('of 2 trains to the same bytes twice, other bytes than 1, and resumes exactly', async () => {
    const two = await team(2);
    const whole = finished(await train(job(engine, 'east', { team: two })));
    expect(valueAt(whole.measured, 'fitted')).toBeGreaterThan(0.75);
    const bytes = bytesOf(whole.model);
    const again = finished(await train(job(engine, 'east', { team: await team(2) })));
    expect(bytesOf(again.model).equals(bytes)).toBe(true);
    const alone = finished(await train(job(engine, 'east')));
    expect(bytesOf(alone.model).equals(bytes)).toBe(false);
    for (const stopAt of [14, 51, 84]) {
      const saved = await stoppedAt(stopAt, (changes) =>
        job(engine, 'east', { ...changes, team: two }),
      );
      expect(saved.meta.shards).toBe(2);
      const resumed = finished(await train(job(engine, 'east', { snapshot: saved, team: two })));
      expect(bytesOf(resumed.model).equals(bytes), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('of 2 trains weights of three levels, the same bytes twice, and resumes exactly', async () => {
    const two = await team(2);
    const budget = Math.floor(dense * 0.14);
    const whole = finished(await train(fewBits(engine, 'ternary', budget, { team: two })));
    expect(whole.formats['c2']).toBe('ternary');
    expect(new Set(whole.model.layers['c2']!.weights)).toEqual(new Set([-1, 0, 1]));
    const bytes = bytesOf(whole.model);
    const alone = finished(await train(fewBits(engine, 'ternary', budget)));
    expect(bytesOf(alone.model).equals(bytes)).toBe(false);
    // Before and after the formats are chosen, and with masks frozen.
    for (const stopAt of [20, 60, 100]) {
      const saved = await stoppedAt(stopAt, (changes) =>
        fewBits(engine, 'ternary', budget, { ...changes, team: two }),
      );
      expect(saved.meta.shards).toBe(2);
      if (stopAt >= 45) expect(saved.meta.formats).toContainEqual(['c2', 'ternary']);
      const resumed = finished(
        await train(fewBits(engine, 'ternary', budget, { snapshot: saved, team: two })),
      );
      expect(resumed.formats).toEqual(whole.formats);
      expect(bytesOf(resumed.model).equals(bytes), `stopped at step ${stopAt}`).toBe(true);
    }
  });

  it('of 2 fits multiples of a step to the bytes that one of them alone does', async () => {
    const two = await team(2);
    const inSteps = (fit: FormatFit): TrainingSetup => {
      const step = { ...trainedFormat('int8', 0.5), fit, codec: 'entropy' };
      const formats = { ...formatsOf(8), c2: [step] };
      return fewBits(engine, 'auto', Math.floor(dense * 0.5), { formats, team: two });
    };
    const { fit } = trainedFormat('int8', 0.5);
    const shared = finished(await train(inSteps(fit)));
    const alone = finished(await train(inSteps({ ...fit, byChannel: false })));
    expect(new Set(shared.model.layers['c2']!.weights).size).toBeLessThan(20);
    expect(bytesOf(shared.model).equals(bytesOf(alone.model))).toBe(true);
  });

  it('of 1, as asked for by shards, trains few levels to the bytes of the engine alone', async () => {
    const budget = Math.floor(dense * 0.3);
    const one = await openTeam(engine, graph, 32, 1);
    open.push(one);
    expect(one.shards).toBe(1);
    const asked = finished(await train(fewBits(engine, 4, budget, { team: one })));
    const reference = finished(await train(fewBits(engine, 4, budget)));
    expect(bytesOf(asked.model).equals(bytesOf(reference.model))).toBe(true);
  });

  it('refuses a batch that is too large, and goes on', async () => {
    const two = await team(2);
    const network = new Network(two, graph, initialParameters(graph, 1));
    const optimizer = createOptimizer({ optimizer: 'sgd', momentum: 0, weightDecay: 0 });
    const update = { optimizer, optimizerStep: 1, rate: 0.01, freezePruned: false };
    const step = (examples: number) =>
      network.step(randomBatch(examples, 1), { ...update, loss: LOSS });
    await expect(step(33)).rejects.toThrow('a batch of 33 for a team that expects 32');
    await expect(network.infer(randomBatch(33, 1))).rejects.toThrow('a batch of 33');
    expect((await step(32)).loss).toBeGreaterThan(0);
  });

  it('refuses to go on with another number of shards', async () => {
    const two = await team(2);
    const saved = await stoppedAt(3, (changes) => job(engine, 'east', { ...changes, team: two }));
    await expect(train(job(engine, 'east', { snapshot: saved }))).rejects.toThrow(
      'the run splits each batch into 2 shard(s); go on with "shards": 2',
    );
  });
});

describe('a thread that dies', () => {
  const options = { graph, batchSize: 32, shards: 2 };
  const program = (code: string) => () => Promise.resolve(new Worker(code, { eval: true }));
  const ready = `const { parentPort } = require('worker_threads'); parentPort.postMessage('ready');`;

  it('while it works is an error with its cause, now and later', async () => {
    const throwing = `${ready} parentPort.on('message', () => { throw new Error('no luck') })`;
    const doomed = await startShardTeam({ engine, ...options }, program(throwing));
    open.push(doomed);
    const run = () => doomed.run(randomLayers(graph, 1), randomBatch(32, 1), GRADIENTS);
    await expect(run()).rejects.toThrow('a training thread has ended: no luck');
    await expect(run()).rejects.toThrow('a training thread has ended: no luck');
  });

  it('without a word is an error, and ends the training', async () => {
    const exiting = `${ready} parentPort.on('message', () => process.exit(7))`;
    const doomed = await startShardTeam({ engine, ...options }, program(exiting));
    open.push(doomed);
    await expect(train(job(engine, 'east', { team: doomed }))).rejects.toThrow(
      'a training thread has ended: it exited with code 7',
    );
  });

  it('of too little memory is an error', async () => {
    const hungry = `${ready} parentPort.on('message', () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); })`;
    const doomed = await startShardTeam({ engine, ...options }, () =>
      Promise.resolve(
        new Worker(hungry, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }),
      ),
    );
    open.push(doomed);
    await expect(doomed.run(randomLayers(graph, 1), randomBatch(32, 1), GRADIENTS)).rejects.toThrow(
      /a training thread has ended: .*memory/,
    );
  });

  it('before it is ready is an error', async () => {
    await expect(
      startShardTeam({ engine, ...options }, program(`throw new Error('no engine')`)),
    ).rejects.toThrow('a training thread has ended: no engine');
    await expect(
      startShardTeam({ engine, ...options }, () => Promise.reject(new Error('no thread'))),
    ).rejects.toThrow('a training thread has ended: no thread');
  });

  it('is not missed once training is over', async () => {
    const closed = await startShardTeam({ engine, ...options });
    await closed.close();
    await closed.close();
    await expect(closed.run(randomLayers(graph, 1), randomBatch(32, 1), GRADIENTS)).rejects.toThrow(
      'training is over',
    );
  });
});

describe('the number of shards', () => {
  it('is at least 1, leaves none too small, and is 1 for other engines', () => {
    expect(defaultShards('wasm', 1)).toBe(1);
    expect(defaultShards('wasm', 31)).toBe(1);
    expect(defaultShards('native', 128)).toBe(1);
    expect(defaultShards('cpu', 128)).toBe(1);
  });

  it('follows the cores that this process may use', () => {
    const cores = usableCores();
    expect(Number.isInteger(cores) && cores >= 1 && cores <= availableParallelism()).toBe(true);
    expect(defaultShards('wasm', 4096)).toBe(Math.min(cores, 256));
  });

  it('is never more than the examples of a batch', async () => {
    const most = await openTeam(engine, graph, 2, 5);
    open.push(most);
    expect(most.shards).toBe(2);
    await expect(startShardTeam({ engine, graph, batchSize: 2, shards: 3 })).rejects.toThrow(
      'a batch of 2 cannot be split into 3 shards',
    );
  });
});
