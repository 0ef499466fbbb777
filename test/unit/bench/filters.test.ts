import { beforeAll, describe, expect, it } from 'vitest';
import {
  chooseChannels,
  energySaliency,
  parametersOf,
  taylorSaliency,
} from '../../../bench/methods/filter-pruning';
import { keepAll, smallerArrays, smallerModel, type Kept } from '../../../bench/methods/filters';
import type { ModelConfig } from '../../../src/core/config/config';
import type { Batch } from '../../../src/core/dataset/dataset';
import { loadModel } from '../../../src/core/models/models';
import { channelGroups } from '../../../src/core/graph/channel-groups';
import { weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { elements } from '../../../src/core/ops/shape';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { Network } from '../../../src/core/train/shards/network';
import {
  initialParameters,
  parameterArrays,
  type Parameters,
} from '../../../src/core/train/pass/parameters';
import type { LayerArrays } from '../../../src/core/train/pass/pass';
import { soloTeam } from '../../../src/core/train/shards/team';
import { frameworkWeights } from '../../../src/core/train/pass/weight-quantization';
import { createRandom } from '../../../src/core/util/random';

const model: ModelConfig = {
  input: [6, 6, 2],
  classes: 3,
  layers: [
    { type: 'conv2d', name: 'c1', filters: 5, kernel: 3, activation: 'relu' },
    { type: 'conv2d', name: 'inner', filters: 4, kernel: 3, activation: 'relu' },
    { type: 'conv2d', name: 'c2', filters: 5, kernel: 3, activation: 'relu' },
    { type: 'add', name: 'sum', inputs: ['c1', 'c2'] },
    { type: 'depthwiseConv2d', name: 'dw', kernel: 3, stride: 2, activation: 'relu6' },
    { type: 'conv2d', name: 'pw', filters: 6, kernel: 1, activation: 'relu' },
    { type: 'flatten', name: 'flat' },
    { type: 'dense', name: 'fc', units: 7, batchNorm: true, activation: 'relu' },
    { type: 'dense', name: 'out', units: 3 },
  ],
};
const graph = loadModel(model).graph;
const channels = channelGroups(graph);
const of = (name: string): number => channels.groupOf.get(name)!;

function randomParameters(): Parameters {
  const parameters = initialParameters(graph, 4);
  const random = createRandom(9);
  for (const p of parameters.values()) {
    p.gamma?.forEach((_, c) => (p.gamma![c] = 0.5 + random.next()));
    p.bias.forEach((_, c) => (p.bias[c] = random.normal() * 0.3));
    p.mean?.forEach((_, c) => (p.mean![c] = random.normal() * 0.1));
    p.variance?.forEach((_, c) => (p.variance![c] = 0.5 + random.next()));
  }
  return parameters;
}

function batchOf(count: number): Batch {
  const random = createRandom(5);
  return {
    examples: count,
    x: Float32Array.from({ length: count * elements(graph.inputShape) }, () => random.normal()),
    y: Float32Array.from({ length: count }, () => random.int(3)),
  };
}

describe('groups of channels', () => {
  it('join what a residual addition and a depthwise layer tie together, and leave the ends alone', () => {
    const { groups } = channels;
    expect(groups[of('c1')]).toEqual({
      channels: 5,
      writers: ['c1', 'c2', 'dw'],
      readers: ['inner', 'pw'],
      fixed: false,
    });
    expect(of('flat')).toBe(of('pw'));
    expect(groups[of('pw')]).toMatchObject({ writers: ['pw'], readers: ['fc'], fixed: false });
    expect(groups[of('input')]!.fixed).toBe(true);
    expect(groups[of('out')]!.fixed).toBe(true);
  });
});

describe('a smaller network', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('wasm');
  });

  it('computes the same where only channels of zeros were removed', async () => {
    const parameters = randomParameters();
    const kept = keepAll(channels);
    const silence = (group: string, channel: number): void => {
      kept[of(group)]![channel] = 0;
      for (const name of channels.groups[of(group)]!.writers) {
        const p = parameters.get(name)!;
        p.gamma![channel] = 0;
        p.bias[channel] = 0;
      }
    };
    silence('c1', 1);
    silence('c1', 4);
    silence('inner', 0);
    silence('pw', 5);
    silence('fc', 2);
    const smaller = loadModel(smallerModel(graph, channels, kept)).graph;
    const left = parametersOf(
      smaller,
      smallerArrays(graph, channels, kept, parameterArrays(parameters)),
    );
    const count = (g: typeof graph): number =>
      weightedLayers(g).reduce((sum, layer) => sum + weightCount(layer), 0);
    expect(count(smaller)).toBeLessThan(count(graph));
    const batch = batchOf(8);
    const before = await new Network(soloTeam(engine, graph), graph, parameters).infer(batch);
    const after = await new Network(soloTeam(engine, smaller), smaller, left).infer(batch);
    before.forEach((logit, i) => expect(after[i]).toBeCloseTo(logit, 4));
    expect(Math.max(...before.map(Math.abs))).toBeGreaterThan(0.1);
  });

  it('is the network itself where all are kept', () => {
    const whole = loadModel(smallerModel(graph, channels, keepAll(channels))).graph;
    expect(whole).toEqual(graph);
  });

  it('just fits, keeps the salient channels, and no layer loses its last', () => {
    const saliency = energySaliency(graph, channels, randomParameters());
    const weights = (m: ModelConfig): number =>
      weightedLayers(loadModel(m).graph).reduce((sum, layer) => sum + weightCount(layer), 0);
    const all = weights(model);
    for (const share of [0.9, 0.5, 0.2]) {
      const fits = (m: ModelConfig): boolean => weights(m) <= share * all;
      const kept = chooseChannels(graph, channels, saliency, fits, 1);
      expect(fits(smallerModel(graph, channels, kept))).toBe(true);
      const again = (changed: Kept): boolean => fits(smallerModel(graph, channels, changed));
      kept.forEach((group, g) => {
        expect(group.reduce((sum, k) => sum + k, 0)).toBeGreaterThan(0);
        if (channels.groups[g]!.fixed) expect(group).not.toContain(0);
        group.forEach((k, c) => {
          if (k === 1) return;
          const more = kept.map((other) => other.slice());
          more[g]![c] = 1;
          expect(again(more)).toBe(false);
        });
      });
    }
    expect(() => chooseChannels(graph, channels, saliency, () => false, 1)).toThrow(
      /still too much/,
    );
  });

  it('measures by the loss what a channel is worth', async () => {
    const parameters = randomParameters();
    const batch = batchOf(128);
    const saliency = await taylorSaliency(engine, graph, channels, parameters, [batch]);
    const loss = async (group: string, channel: number, factor: number): Promise<number> => {
      const layers = weightedLayers(graph).map((layer): LayerArrays => {
        const p = parameters.get(layer.name)!;
        const scaled = (values: Float32Array): Float32Array =>
          values.map((v, c) => (of(layer.name) === of(group) && c === channel ? factor * v : v));
        const weights = frameworkWeights(layer, p, undefined);
        const gamma = p.gamma ? { gamma: scaled(p.gamma) } : {};
        return { weights, bias: scaled(p.bias), ...gamma };
      });
      const loss = { task: 'classification', labelSmoothing: 0 } as const;
      const options = { kind: 'gradients', loss, ranges: false } as const;
      return (await soloTeam(engine, graph).run(layers, batch, options)).loss;
    };
    for (const [group, channel] of [
      ['c1', 2],
      ['inner', 3],
      ['pw', 0],
      ['fc', 5],
    ] as const) {
      const slope =
        ((await loss(group, channel, 1.003)) - (await loss(group, channel, 0.997))) / 0.006;
      const found = Math.sqrt(saliency[of(group)]![channel]!);
      expect(Math.abs(found - Math.abs(slope))).toBeLessThan(0.05 * Math.abs(slope) + 2e-4);
    }
  });
});
