import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { planMemory } from '../../src/core/plan/memory';
import type { Graph } from '../../src/core/graph/graph';
import type { Kind } from '../../src/core/ops/graph-ops';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { randomGraph } from '../unit/firmware/random-graph';
import type { HostBuild } from './host-build';
import { buildVerification, expectOutputs } from './host-sources';
import { haveTools } from './require-tools';
import { defined } from '../../src/core/util/defined';

const NAME = 'unit';
const GRAPHS = 14;
/** What random networks are made of; every kind by itself is in every-op.test.ts. */
const DRAWN: readonly Kind[] = [
  'activation',
  'add',
  'averagePool2d',
  'conv2d',
  'dense',
  'depthwiseConv2d',
  'flatten',
  'globalAveragePool',
  'globalMaxPool',
  'leakyRelu',
  'maxPool2d',
  'softmax',
];

describe.runIf(haveTools(HOST_COMPILER))('the emitted C on the host, under sanitizers', () => {
  let build: HostBuild;
  const codes = new Set<number>();
  const kinds = new Set<string>();
  beforeAll(async () => {
    build = await buildVerification(NAME);
  });
  afterAll(() => {
    build.dispose();
  });

  async function compare(graph: Graph, seed: number, ram?: number): Promise<void> {
    const emitted = emitRandom(graph, {
      name: NAME,
      seed,
      sparsity: [0, 0.6, 0.95][seed % 3]!,
      ...defined({ ram }),
    });
    const vectors = randomVectors(emitted.model, 6, seed + 100);
    for (const output of vectors.outputs) output.forEach((code) => codes.add(code));
    for (const layer of graph.layers) kinds.add(layer.kind);
    await expectOutputs(build, emitted.files, vectors);
  }

  for (let seed = 0; seed < GRAPHS; seed++) {
    it(`computes random network ${seed} as the integer executor does`, async () => {
      const graph = randomGraph(seed);
      // Every other one with as little RAM as possible: tiles of one channel, buffers in every gap.
      await compare(graph, seed, seed % 2 === 0 ? undefined : smallestRam(graph));
    });
  }

  it('has seen every operation it draws and a wide range of outputs', () => {
    expect([...kinds].sort()).toEqual(DRAWN);
    expect(codes.size).toBeGreaterThan(150);
  });
});

function smallestRam(graph: Graph): number {
  try {
    planMemory(graph, 1);
  } catch (error) {
    const [, bytes] = /at least (\d+)/.exec(String(error)) ?? [];
    return Number(bytes);
  }
  return 1;
}
