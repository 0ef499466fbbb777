import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/dataset/dataset';
import { buildGraph } from '../../../src/core/graph/build';
import { movableChannels } from '../../../src/core/graph/channel-groups';
import type { Graph } from '../../../src/core/graph/graph';
import { sortChannels } from '../../../src/core/train/loop/channel-order';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { Network } from '../../../src/core/train/shards/network';
import { initialParameters, type Parameters } from '../../../src/core/train/pass/parameters';
import { soloTeam } from '../../../src/core/train/shards/team';
import { createRandom } from '../../../src/core/util/random';

/** Every way in which channels are written, passed on and read. */
const graph = buildGraph({
  input: [8, 8, 3],
  classes: 4,
  layers: [
    { type: 'conv2d', name: 'a', filters: 6, kernel: 3, activation: 'relu' },
    { type: 'conv2d', name: 'b', filters: 6, kernel: 3, activation: 'relu' },
    { type: 'conv2d', name: 'c', filters: 6, kernel: 1 },
    { type: 'add', name: 'sum', inputs: ['a', 'c'], activation: 'relu' },
    { type: 'depthwiseConv2d', name: 'd', kernel: 3, activation: 'relu' },
    { type: 'maxPool2d', pool: 2 },
    { type: 'conv2d', name: 'e', filters: 5, kernel: 3, stride: 2, activation: 'relu' },
    { type: 'flatten' },
    { type: 'dense', name: 'f', units: 7, activation: 'relu' },
    { type: 'dense', name: 'g', units: 4 },
    { type: 'softmax' },
  ],
});

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

function randomParameters(of: Graph): Parameters {
  const random = createRandom(5);
  const parameters = initialParameters(of, 5);
  for (const { gamma, bias, mean, variance, mask } of parameters.values()) {
    gamma?.forEach((_, i) => (gamma[i] = random.normal()));
    bias.forEach((_, i) => (bias[i] = 0.3 * random.normal()));
    mean?.forEach((_, i) => (mean[i] = 0.3 * random.normal()));
    variance?.forEach((_, i) => (variance[i] = 0.5 + random.next()));
    mask.forEach((_, i) => (mask[i] = random.next() < 0.2 ? 0 : 1));
  }
  return parameters;
}

function randomBatch(): Batch {
  const random = createRandom(6);
  return {
    examples: 16,
    x: Float32Array.from({ length: 16 * 192 }, () => random.normal()),
    y: Float32Array.from({ length: 16 }, () => random.int(4)),
  };
}

const infer = (parameters: Parameters): Promise<Float32Array> =>
  new Network(soloTeam(engine, graph), graph, parameters).infer(randomBatch());

describe('sorting channels', () => {
  it('changes nothing that the network computes', async () => {
    const parameters = randomParameters(graph);
    const before = await infer(parameters);
    const weights = parameters.get('b')!.weights.slice();
    sortChannels(graph, parameters);
    expect(parameters.get('b')!.weights).not.toEqual(weights);
    const after = await infer(parameters);
    after.forEach((logit, i) => expect(logit).toBeCloseTo(before[i]!, 4));
  });

  it('leaves channels alone whose places have weights of their own behind a flatten', async () => {
    const flat = buildGraph({
      input: [8, 8, 3],
      classes: 4,
      layers: [
        { type: 'conv2d', filters: 6, kernel: 3, stride: 4 },
        { type: 'flatten' },
        { type: 'depthwiseConv2d', kernel: 1 },
        { type: 'dense', units: 4 },
      ],
    });
    const parameters = randomParameters(flat);
    const logits = (): Promise<Float32Array> =>
      new Network(soloTeam(engine, flat), flat, parameters).infer(randomBatch());
    const before = await logits();
    sortChannels(flat, parameters);
    const after = await logits();
    after.forEach((logit, i) => expect(logit).toBeCloseTo(before[i]!, 4));
  });

  it('puts weak channels first, wherever they are written and read', () => {
    const parameters = randomParameters(graph);
    expect(movableChannels(graph)).toHaveLength(4);
    // Unit 3 of f is made the weakest by far: its row in f and its column in g.
    const f = parameters.get('f')!.weights;
    const g = parameters.get('g')!.weights;
    const inputs = f.length / 7;
    f.fill(1e-6, 3 * inputs, 4 * inputs);
    for (let k = 0; k < 4; k++) g[k * 7 + 3] = 2e-6;
    sortChannels(graph, parameters);
    expect([...f.subarray(0, inputs)].every((w) => w === Math.fround(1e-6))).toBe(true);
    for (let k = 0; k < 4; k++) expect(g[k * 7]).toBe(Math.fround(2e-6));
    const sorted = new Map([...parameters].map(([name, p]) => [name, p.weights.slice()]));
    sortChannels(graph, parameters);
    for (const [name, p] of parameters) expect(p.weights).toEqual(sorted.get(name));
  });
});
