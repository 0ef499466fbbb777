import { describe, expect, it } from 'vitest';
import { layerCodings } from '../../../src/core/codecs/coding';
import { codingsOf } from '../../../src/core/codecs/choice';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import type { EncodedModel } from '../../../src/core/firmware/encoded-model';
import {
  computeInstructions,
  decodingLimit,
  decodingOf,
  layerDecoding,
} from '../../../src/core/firmware/instructions';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { buildGraph } from '../../../src/core/graph/build';
import { weightCount, weightedLayers, type Graph } from '../../../src/core/graph/graph';
import { alongStream } from '../../../src/core/graph/stream';
import { loadModel } from '../../../src/core/models/models';
import { defined } from '../../../src/core/util/defined';
import { decodingShare } from '../../../src/core/plan/decoding';
import { asDeployed, forecast, streamProblem } from '../../../src/core/plan/forecast';
import { limitDecoding } from '../../../src/core/plan/limit-decoding';
import { planMemory } from '../../../src/core/plan/memory';
import { randomModel } from '../firmware/random-model';

const target = firmwareTarget();
/** MLPerf Tiny's autoencoder: 514,000 instructions counted with raw weights, 3,454,000 entropy-coded (bench/results/stored.json). */
const autoencoder = buildGraph({
  input: [1, 1, 640],
  classes: 640,
  layers: [
    ...[128, 128, 128, 128, 8, 128, 128, 128, 128].map((units) => ({
      type: 'dense' as const,
      units,
      activation: 'relu' as const,
    })),
    { type: 'dense', units: 640 },
  ],
});

describe('what an inference takes, estimated', () => {
  it('is near what was counted, computing and decoding', () => {
    const compute = computeInstructions(autoencoder, target);
    expect(compute / 514_000).toBeGreaterThan(0.85);
    expect(compute / 514_000).toBeLessThan(1.15);
    const decode = weightedLayers(autoencoder).reduce(
      (sum, layer) => sum + layerDecoding(layer, 'int8', 'entropy', [weightCount(layer)], target),
      0,
    );
    expect(decode / (3_454_000 - 514_000)).toBeGreaterThan(0.9);
    expect(decode / (3_454_000 - 514_000)).toBeLessThan(1.1);
  });

  it('is that of a step along a stream, and so is what a limit leaves for decoding', () => {
    const spotter = loadModel({
      architecture: 'ds-cnn-streaming',
      input: [49, 10, 1],
      classes: 12,
    }).graph;
    const window = computeInstructions(spotter, target);
    const step = computeInstructions(alongStream(spotter, 6), target);
    expect(step / window).toBeGreaterThan(0.15);
    expect(step / window).toBeLessThan(0.3);
    const limit = (stream?: number): number =>
      forecast(
        {
          budget: { decode: 0.5 },
          east: { method: 'east', codec: 'entropy' },
          firmware: { target: 'cortex-m4', ...defined({ stream }) },
        },
        { graph: spotter, entries: new Map() },
      ).decoding.limit;
    expect(limit(6)).toBe(step);
    expect(limit()).toBe(window);

    const tiles = planMemory(spotter);
    const model = randomModel(spotter, 3, 0.8, {}, tiles);
    const names = weightedLayers(spotter).map(({ name }) => [name, 'entropy'] as const);
    const encoded = encodeModel(
      model,
      tiles,
      codingsOf(
        Object.fromEntries(names.map(([name]) => [name, 'int8' as const])),
        Object.fromEntries(names),
        {},
        ['entropy'],
      ),
    );
    const all = decodingOf(encoded, target);
    const share = decodingShare(step, 0.6 * all);
    const of = (graph: Graph): number =>
      decodingOf(limitDecoding(encoded, target, share, undefined, graph), target);
    expect(of(alongStream(spotter, 6))).toBeLessThanOrEqual(0.6 * all + 1);
    expect(of(spotter)).toBe(all);
  });

  it('unpacks few levels where a kernel does not take them packed, and entropy-coded ones never', () => {
    const [dense] = weightedLayers(autoencoder);
    const conv = buildGraph({
      input: [8, 8, 4],
      classes: 2,
      layers: [
        { type: 'conv2d', filters: 4, kernel: 3 },
        { type: 'dense', units: 2 },
      ],
    });
    const [layer] = weightedLayers(conv);
    expect(layerDecoding(dense!, 'int4', 'raw', [100], target)).toBe(0);
    expect(layerDecoding(layer!, 'int4', 'raw', [100], target)).toBe(300);
    expect(layerDecoding(layer!, 'int4', 'entropy', [100], target)).toBe(
      layerDecoding(layer!, 'int8', 'entropy', [100], target),
    );
  });

  it('of what a share allows is that share of the sum', () => {
    expect(decodingShare(1000, decodingLimit(1000, 0.25))).toBeCloseTo(0.25);
    expect(decodingLimit(1000, 1)).toBe(Infinity);
  });
});

const graph = buildGraph({
  input: [1, 1, 64],
  classes: 8,
  layers: [
    { type: 'dense', name: 'a', units: 64 },
    { type: 'dense', name: 'b', units: 64 },
    { type: 'dense', name: 'c', units: 8 },
  ],
});

/** The first layer with many zeros, the others with few; all entropy-coded. */
function coded(): EncodedModel {
  const base = randomModel(graph, 3);
  const layers = Object.fromEntries(
    Object.entries(base.layers).map(([name, layer]) => [
      name,
      { ...layer, weights: layer.weights.map((w, i) => (name === 'a' && i % 8 > 0 ? 0 : w % 40)) },
    ]),
  );
  const all = <T>(value: T): Record<string, T> => ({ a: value, b: value, c: value });
  return encodeModel(
    { ...base, layers },
    planMemory(graph),
    codingsOf(all('int8' as const), all('entropy'), {}, ['entropy']),
  );
}

describe('a network whose score needs the whole window', () => {
  it.each([undefined, 4])('is refused along a stream, behind a front end (%s) or not', (frames) => {
    const { graph } = loadModel({
      architecture: 'autoencoder',
      width: 8,
      input: [4, 3, 1],
      outputs: 12,
    });
    const frontend =
      frames === undefined ? undefined : ({ kind: 'window', length: frames, channels: 3 } as const);
    const config = {
      task: { kind: 'anomaly' },
      firmware: { target: 'cortex-m4', stream: 2 },
      ...defined({ frontend }),
    } as const;
    const problem = streamProblem(graph, config);
    expect(problem).toMatch(/^the score of an anomaly compares .* leave "stream" out/);
    expect(problem?.includes('_push()')).toBe(frames !== undefined);
    expect(asDeployed(graph, config)).toBe(graph);
    expect(streamProblem(graph, { ...config, task: { kind: 'regression' } })).toBeUndefined();
  });
});

describe('a stored model within budget.decode', () => {
  const free = coded();
  const compute = computeInstructions(graph, target);
  const plainTiles = (model: EncodedModel): string[] =>
    model.layers.filter(({ tiles }) => tiles[0]!.codec === 'raw').map(({ name }) => name);

  it('is as it was where nothing limits, or decoding takes less', () => {
    expect(limitDecoding(free, target, undefined, undefined)).toBe(free);
    expect(limitDecoding(free, target, 0.999, undefined)).toBe(free);
  });

  it('gives up what saves the fewest bytes for its instructions first, and keeps every weight', () => {
    const share = decodingShare(compute, 0.6 * decodingOf(free, target));
    const limited = limitDecoding(free, target, share, undefined);
    expect(decodingShare(compute, decodingOf(limited, target))).toBeLessThanOrEqual(share);
    expect(plainTiles(free)).toEqual([]);
    expect(plainTiles(limited)).toContain('b');
    expect(plainTiles(limited)).not.toContain('a');
    expect(limited.model).toBe(free.model);
    const b = limited.layers[1]!.tiles[0]!;
    expect(new Int8Array(b.stored)).toEqual(free.model.layers['b']!.weights);
  });

  it('stays within the bytes, whatever decoding takes', () => {
    const budget = free.blob.length + 100;
    const limited = limitDecoding(free, target, 0.01, budget);
    expect(limited.blob.length).toBeLessThanOrEqual(budget);
    expect(decodingShare(compute, decodingOf(limited, target))).toBeGreaterThan(0.01);
    expect(plainTiles(limitDecoding(free, target, 0.01, undefined))).toEqual(['a', 'b', 'c']);
  });
});

it('is foreseen: what all weights may take, and what the limit leaves', () => {
  const loaded = { graph: autoencoder, entries: new Map<string, readonly number[]>() };
  const config = {
    budget: { weights: { fraction: 0.2 }, decode: 0.6 },
    east: { method: 'east', codec: 'auto' },
    quantization: { weights: 'auto' },
  } as const;
  const { decoding } = forecast(config, loaded);
  expect(decoding.share).toBe(0.6);
  expect(decoding.most).toBeGreaterThan(decoding.limit);
  const { decoding: lz4 } = forecast({ ...config, east: { method: 'east', codec: 'lz4' } }, loaded);
  expect(lz4.most).toBeLessThan(lz4.limit);
  const { decoding: open } = forecast({ ...config, budget: { decode: 1 } }, loaded);
  expect([open.share, open.limit]).toEqual([undefined, Infinity]);
});

it('leaves int8 LZ4 as it is', () => {
  const encoded = encodeModel(
    randomModel(graph, 1, 0.9),
    planMemory(graph),
    layerCodings({ a: 'int8', b: 'int8', c: 'int8' }),
  );
  expect(limitDecoding(encoded, target, 0.6, undefined)).toBe(encoded);
});
