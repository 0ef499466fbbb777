/** Values that are left out at random in float epochs: which ones follows from seed, step, example and layer alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/core/graph/graph';
import { outputChannels, weightCount, weightedLayers } from '../../../src/core/graph/graph';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { train } from '../../../src/core/train/loop/train';
import type { TrainingSetup } from '../../../src/core/train/loop/setup';
import { maskOf } from '../../../src/core/train/pass/dropout';
import type { LayerArrays, PassOptions } from '../../../src/core/train/pass/pass';
import { openTeam } from '../../../src/core/train/shards/open-team';
import { createRandom } from '../../../src/core/util/random';
import { bytesOf, finished, graph, job, stoppedAt } from './toy-job';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const dropping: Graph = {
  ...graph,
  dropout: [
    { name: 'early', reader: 'c2', input: 0, rate: 0.2 },
    { name: 'late', reader: graph.layers.at(-2)!.name, input: 0, rate: 0.5 },
  ],
};
const withDropout = (changes: Partial<TrainingSetup> = {}): TrainingSetup =>
  job(engine, 'east', { graph: dropping, ...changes });

describe('what dropout leaves out', () => {
  const step = { seed: 5, first: 0 };
  const mask = maskOf({ name: 'a', rate: 0.25 }, step, [8, 10, 10, 5]);

  it('is its share of the values, whose mean stays', () => {
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(mask.filter((value) => value === 0).length / mask.length).toBeCloseTo(0.25, 1);
    expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeCloseTo(1, 1);
  });

  it('is the same for an example, however the batch is split, and another for all else', () => {
    const half = maskOf({ name: 'a', rate: 0.25 }, { ...step, first: 4 }, [4, 10, 10, 5]);
    expect(half).toEqual(mask.slice(4 * 500));
    expect(half).not.toEqual(mask.slice(0, 4 * 500));
    expect(maskOf({ name: 'b', rate: 0.25 }, step, [8, 10, 10, 5])).not.toEqual(mask);
    expect(maskOf({ name: 'a', rate: 0.25 }, { ...step, seed: 6 }, [8, 10, 10, 5])).not.toEqual(
      mask,
    );
  });
});

describe('a pass with dropout', () => {
  it('of two threads leaves out what that of one does', async () => {
    const plain: Graph = {
      ...dropping,
      layers: graph.layers.map((layer) =>
        'batchNorm' in layer ? { ...layer, batchNorm: false } : layer,
      ),
    };
    const random = createRandom(3);
    const normal = (length: number): Float32Array =>
      Float32Array.from({ length }, () => random.normal() * 0.3);
    const layers: LayerArrays[] = weightedLayers(plain).map((layer) => ({
      weights: normal(weightCount(layer)),
      bias: normal(outputChannels(layer)),
    }));
    const x = normal(9 * 64);
    const batch = { examples: 9, x, y: new Float32Array(9) };
    const loss = { task: 'classification', labelSmoothing: 0 } as const;
    const without: PassOptions = { kind: 'gradients', loss, ranges: false };
    const options: PassOptions = { ...without, dropout: { seed: 9, first: 0 } };
    const [one, two] = [await openTeam(engine, plain, 9, 1), await openTeam(engine, plain, 9, 2)];
    try {
      const alone = await one.run(layers, batch, options);
      const shared = await two.run(layers, batch, options);
      const logits = Array.from(alone.logits);
      shared.logits.forEach((value, i) => expect(value).toBeCloseTo(logits[i]!, 4));
      expect(logits).not.toEqual(Array.from((await one.run(layers, batch, without)).logits));
    } finally {
      await one.close();
      await two.close();
    }
  });
});

describe('a training with dropout', () => {
  it('stopped in the float epochs and resumed ends in the same bytes, others than without', async () => {
    const whole = finished(await train(withDropout()));
    for (const stopAt of [7, 30]) {
      const saved = await stoppedAt(stopAt, withDropout);
      const resumed = finished(await train(withDropout({ snapshot: saved })));
      expect(bytesOf(resumed.model).equals(bytesOf(whole.model)), `at ${stopAt}`).toBe(true);
    }
    const plain = finished(await train(job(engine, 'east')));
    expect(bytesOf(plain.model).equals(bytesOf(whole.model))).toBe(false);
    // What is deployed knows nothing of it.
    expect(whole.model.graph).toEqual(graph);
  });

  it('leaves out nothing after the float epochs', async () => {
    const late = (of: Graph): TrainingSetup => {
      const setup = job(engine, 'east', { graph: of });
      const training = { ...setup.config.training, epochs: 0, pruneEpochs: 2 };
      return { ...setup, config: { ...setup.config, training } };
    };
    const [a, b] = [finished(await train(late(dropping))), finished(await train(late(graph)))];
    expect(bytesOf(a.model).equals(bytesOf(b.model))).toBe(true);
  });
});
