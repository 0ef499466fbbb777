import { beforeAll, describe, expect, it } from 'vitest';
import { sliceBatch } from '../../../../src/core/dataset/batches';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import { floatNetwork, type FileNumbers } from '../../../../src/core/train/imported/float-network';
import { liveGraph, liveParameters } from '../../../../src/core/train/imported/live-batch-norm';
import { outputsOf } from '../../../../src/core/train/imported/observe';
import { restoreParameters } from '../../../../src/core/train/loop/training-state';
import { initialParameters } from '../../../../src/core/train/pass/parameters';
import { Network } from '../../../../src/core/train/shards/network';
import { soloTeam } from '../../../../src/core/train/shards/team';
import { network, normalization, pictures } from './nets';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

/** What training computes at its start, batch norm by its statistics, beside what the file's network computes. */
async function bothOutputs(file: FileNumbers): Promise<[Float32Array, Float32Array]> {
  const samples = pictures(24, 3);
  const parameters = initialParameters(liveGraph(file.graph), 1);
  restoreParameters(await liveParameters(engine, file, pictures(64, 9), normalization), parameters);
  const graph = liveGraph(file.graph);
  const live = new Network(soloTeam(engine, graph), graph, parameters);
  return [
    await live.infer(sliceBatch(samples, normalization, 0, samples.count)),
    await outputsOf(engine, floatNetwork(file), samples, normalization),
  ];
}

function expectEqual([a, b]: readonly [Float32Array, Float32Array]): void {
  expect(a.length).toBe(b.length);
  const largest = b.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  expect(largest).toBeGreaterThan(0.1);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(1e-4 * largest));
}

describe('batch norm made live again', () => {
  it('computes the same function, with weights of one norm for all channels of a layer', async () => {
    const { graph, layers: weights } = network('relu', 2);
    const file = { graph, weights };
    expectEqual(await bothOutputs(file));
    const start = await liveParameters(engine, file, pictures(64, 9), normalization);
    const stem = start['stem.weights']!;
    for (let c = 0; c < 8; c++) {
      expect(Math.hypot(...stem.subarray(27 * c, 27 * (c + 1)))).toBeCloseTo(Math.SQRT2, 4);
    }
    expect(start['scores.gamma']).toBeUndefined();
  });

  it('takes the statistics that a file brings along', async () => {
    const { graph, layers } = network();
    const unfolded = {
      ...graph,
      layers: graph.layers.map((l) => (l.name === 'stem' ? { ...l, batchNorm: true } : l)),
    } as typeof graph;
    const batchNorm = {
      stem: {
        gamma: Float32Array.from({ length: 8 }, (_, c) => (c === 2 ? -0.7 : 0.5 + 0.1 * c)),
        beta: Float32Array.from({ length: 8 }, (_, c) => 0.1 * c - 0.3),
        mean: Float32Array.from({ length: 8 }, (_, c) => 0.2 * c),
        variance: Float32Array.from({ length: 8 }, (_, c) => 0.3 + 0.1 * c),
      },
    };
    const file = { graph: unfolded, weights: layers, batchNorm };
    expectEqual(await bothOutputs(file));
    const start = await liveParameters(engine, file, pictures(64, 9), normalization);
    expect(start['stem.gamma']).toEqual(batchNorm.stem.gamma);
    expect(start['stem.weights']).toEqual(layers['stem']!.weights);
  });

  it('leaves channels without a weight at rest', async () => {
    const { graph, layers } = network();
    const weights = layers['stem']!.weights.slice().fill(0, 0, 27);
    const file = { graph, weights: { ...layers, stem: { weights, bias: layers['stem']!.bias } } };
    expectEqual(await bothOutputs(file));
  });
});
