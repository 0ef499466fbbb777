import { describe, expect, it } from 'vitest';
import { findBuffers, scratchBytes } from '../../../src/core/firmware/lifetimes';
import { compactPlan, DEFAULT_DECODE_BYTES, planMemory } from '../../../src/core/plan/memory';
import type { MemoryPlan } from '../../../src/core/firmware/memory-plan';
import type { Architecture } from '../../../src/core/config/config';
import { loadModel } from '../../../src/core/models/models';
import type { Graph } from '../../../src/core/graph/graph';
import { INPUT, isWeighted, weightCount } from '../../../src/core/graph/graph';
import { emitOp } from '../../../src/core/ops/emit-ops';
import { elements } from '../../../src/core/ops/shape';
import { createRandom } from '../../../src/core/util/random';
import { UserError } from '../../../src/core/util/errors';
import { randomGraph } from '../firmware/random-graph';

const architectures: readonly [Architecture, [number, number, number]][] = [
  ['resnet8', [32, 32, 3]],
  ['resnet9', [32, 32, 3]],
  ['ds-cnn', [49, 10, 1]],
  ['ds-cnn-streaming', [49, 10, 1]],
  ['mobilenet-v1', [32, 32, 3]],
  ['lenet5', [28, 28, 1]],
  ['cnn1d', [1, 128, 6]],
  ['tcn', [1, 128, 6]],
  ['mlp', [1, 1, 256]],
];

/** Smallest conceivable arena: everything in use at once, without gaps. */
function lowerBound(graph: Graph, plan: MemoryPlan): number {
  return Math.max(
    ...graph.layers
      .map(({ name }) => plan.usage[name]!)
      .map((u) => u.activations + u.scratch + u.decode),
  );
}

/** Simulates the network byte by byte: every tensor must still hold its own value whenever it is read. */
function checkPlan(
  graph: Graph,
  plan: MemoryPlan,
  decoded: (layer: string) => boolean = () => true,
): void {
  const owner = new Array<string>(plan.ram.total).fill('');
  const fill = (start: number, bytes: number, who: string): void => {
    expect(start % 4).toBe(0);
    expect(start + bytes).toBeLessThanOrEqual(plan.ram.total);
    owner.fill(who, start, start + bytes);
  };
  const expectIntact = (tensor: string, bytes: number): void => {
    const start = plan.offsets[tensor]!;
    const wrong = owner.slice(start, start + bytes).findIndex((who) => who !== tensor);
    expect(wrong, `${tensor} byte ${wrong}`).toBe(-1);
  };
  const sizes = new Map([[INPUT, elements(graph.inputShape)]]);
  const temporaries = plan.temporaries;
  fill(plan.offsets[INPUT]!, sizes.get(INPUT)!, INPUT);
  for (const layer of graph.layers) {
    const { scratch, decode } = temporaries[layer.name]!;
    const tiles = plan.tileChannels[layer.name] ?? [];
    const [ownScratch, ownDecode] = [`scratch of ${layer.name}`, `weights of ${layer.name}`];
    fill(scratch, scratchBytes(layer), ownScratch);
    if (isWeighted(layer)) {
      const channelBytes = weightCount(layer) / layer.outputShape[2];
      const buffer = decoded(layer.name) ? Math.max(...tiles) * channelBytes : 0;
      expect(plan.usage[layer.name]!.decode).toBe(buffer);
      fill(decode, buffer, ownDecode);
      expect(tiles.reduce((a, b) => a + b, 0)).toBe(layer.outputShape[2]);
      expect(tiles.slice(0, -1).every((n) => n === tiles[0])).toBe(true);
      expect(tiles.at(-1)).toBeLessThanOrEqual(tiles[0]!);
      if (layer.kind === 'depthwiseConv2d') expect(tiles).toHaveLength(1);
    }
    for (const input of layer.inputs) expectIntact(input, sizes.get(input)!);
    const bytes = elements(layer.outputShape);
    const inPlace = layer.inputs.some((input) => plan.offsets[input] === plan.offsets[layer.name]);
    if (inPlace) {
      expect(emitOp(layer).output).not.toBe('apart');
    } else {
      // Written while inputs, scratch and weights are still read.
      const start = plan.offsets[layer.name]!;
      const live = new Set([...layer.inputs, ownScratch, ownDecode]);
      expect(owner.slice(start, start + bytes).filter((who) => live.has(who))).toEqual([]);
    }
    if (layer.kind === 'flatten' || layer.kind === 'reshape') {
      // The same bytes under both names; later readers of either must find them.
      const start = plan.offsets[layer.name]!;
      sizes.set(layer.name, bytes);
      expect(start).toBe(plan.offsets[layer.inputs[0]!]);
    }
    sizes.set(layer.name, bytes);
    fill(plan.offsets[layer.name]!, bytes, layer.name);
  }
  expectIntact(graph.layers.at(-1)!.name, sizes.get(graph.layers.at(-1)!.name)!);
  const { activations, scratch, decode } = plan.ram;
  expect(activations + scratch + decode).toBe(plan.ram.total);
}

function smallest(graph: Graph): number {
  try {
    planMemory(graph, 0);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return Number(/at least (\d+)/.exec(String(error))![1]);
  }
  throw new Error('0 bytes cannot be enough');
}

describe('planMemory', () => {
  it.each(architectures)('reaches the lower bound for %s', (architecture, input) => {
    const graph = loadModel({ architecture, input, classes: 10 }).graph;
    const plan = planMemory(graph);
    checkPlan(graph, plan);
    expect(plan.ram.total).toBe(lowerBound(graph, plan));
    const least = smallest(graph);
    for (const ram of [least, Math.ceil(least * 1.3), least + 4001, 10 * least]) {
      const tight = planMemory(graph, ram);
      expect(tight.ram.total).toBeLessThanOrEqual(ram);
      checkPlan(graph, tight);
    }
    expect(() => planMemory(graph, least - 1)).toThrow(`at least ${least}`);
  });

  it('keeps resnet8 below TFLM’s arena, decode buffer included', () => {
    const graph = loadModel({ architecture: 'resnet8', input: [32, 32, 3], classes: 10 }).graph;
    expect(planMemory(graph).ram.total).toBeLessThanOrEqual(59 * 1024);
  });

  it('is correct, and near the lower bound, for random networks', () => {
    let sum = 0;
    let bound = 0;
    for (let seed = 0; seed < 60; seed++) {
      const graph = randomGraph(seed, 3 + (seed % 12));
      const plan = planMemory(graph);
      checkPlan(graph, plan);
      sum += plan.ram.total;
      bound += lowerBound(graph, plan);
      const least = smallest(graph);
      checkPlan(graph, planMemory(graph, least));
    }
    expect(sum).toBeLessThanOrEqual(bound * 1.01);
  });

  it('keeps only the buffers that are used once it is known which', () => {
    let smaller = 0;
    for (let seed = 0; seed < 60; seed++) {
      const graph = randomGraph(seed, 3 + (seed % 12));
      const plan = planMemory(graph);
      const random = createRandom(seed);
      const used = new Set(
        graph.layers.filter((layer) => isWeighted(layer) && random.int(3) === 0).map((l) => l.name),
      );
      const largest = (name: string): number => Math.max(...plan.tileWeights[name]!);
      const buffers = Object.fromEntries([...used].map((name) => [name, largest(name)]));
      const compact = compactPlan(graph, plan, buffers);
      checkPlan(graph, compact, (name) => used.has(name));
      expect(compact.tileChannels).toEqual(plan.tileChannels);
      expect(compact.tileWeights).toEqual(plan.tileWeights);
      expect(compact.ram.total).toBeLessThanOrEqual(plan.ram.total);
      if (compact.ram.total < plan.ram.total) smaller++;
    }
    expect(smaller).toBeGreaterThan(20);
  });

  it('changes nothing where every layer decodes its largest tile', () => {
    const graph = randomGraph(7, 9);
    const plan = planMemory(graph, smallest(graph));
    const all = Object.entries(plan.tileWeights).map(([name, n]) => [name, Math.max(...n)]);
    expect(compactPlan(graph, plan, Object.fromEntries(all))).toEqual(plan);
  });

  it('decodes in pieces of 8 KiB without a budget, in larger ones where there is room anyway', () => {
    const dense = (units: number): Graph =>
      loadModel({ layers: [{ type: 'dense', units }], input: [1, 1, 256], classes: units }).graph;
    expect(planMemory(dense(32)).tileChannels['dense1']).toEqual([32]);
    const plan = planMemory(dense(70));
    expect(plan.tileChannels['dense1']).toEqual([24, 24, 22]);
    expect(plan.ram.decode).toBeLessThanOrEqual(DEFAULT_DECODE_BYTES);
    const roomy = loadModel({
      layers: [
        { type: 'conv2d', filters: 8, kernel: 3 },
        { type: 'globalAveragePool' },
        { type: 'dense', units: 100 },
        { type: 'dense', name: 'big', units: 100 },
      ],
      input: [40, 40, 8],
      classes: 100,
    }).graph;
    expect(planMemory(roomy).tileChannels['big']).toEqual([100]);
  });

  it('uses the fewest tiles that a budget allows', () => {
    const graph = loadModel({
      layers: [{ type: 'dense', units: 64 }],
      input: [1, 1, 100],
      classes: 64,
    }).graph;
    // 100 in, 64 out; 6400 bytes of weights.
    expect(planMemory(graph, 164 + 6400).tileChannels['dense1']).toEqual([64]);
    expect(planMemory(graph, 164 + 6396).tileChannels['dense1']).toEqual([32, 32]);
    expect(planMemory(graph, 164 + 3196).tileChannels['dense1']).toEqual([22, 22, 20]);
    expect(planMemory(graph, 264).tileChannels['dense1']).toEqual(new Array(64).fill(1));
  });

  it('names the layer where RAM peaks', () => {
    const graph = loadModel({ architecture: 'resnet8', input: [32, 32, 3], classes: 10 }).graph;
    expect(planMemory(graph).ram.peakLayer).toBe('res1b');
    expect(() => planMemory(graph, 1000)).toThrow(/layer 'res1b' needs \d+ bytes/);
  });

  it('refuses dimensions that the firmware cannot hold', () => {
    const graph = loadModel({
      layers: [{ type: 'globalAveragePool' }, { type: 'dense', units: 2 }],
      input: [1, 70_000, 1],
      classes: 2,
    }).graph;
    expect(() => planMemory(graph)).toThrow(/dimension of 70000/);
  });
});

describe('findBuffers', () => {
  it('adds, clamps and flattens in place where the input dies, and only there', () => {
    const graph = loadModel({
      layers: [
        { type: 'conv2d', name: 'a', filters: 4, kernel: 1 },
        { type: 'conv2d', name: 'b', filters: 4, kernel: 1 },
        { type: 'add', name: 'c', inputs: ['a', 'b'] },
        { type: 'relu', name: 'd', inputs: ['b'] },
        { type: 'add', name: 'e', inputs: ['c', 'd'] },
        { type: 'flatten', name: 'f' },
      ],
      input: [2, 2, 4],
      classes: 16,
    }).graph;
    const names = findBuffers(graph).map(({ tensors }) => tensors);
    expect(names).toEqual([['input'], ['a', 'c', 'e', 'f'], ['b', 'd']]);
  });
});
