import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prefixed, runtimeFile } from '../../src/core/firmware/runtime-files';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { planMemory } from '../../src/core/plan/memory';
import type { Vectors } from '../../src/core/firmware/vectors';
import type { Graph } from '../../src/core/graph/graph';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { randomGraph } from '../unit/firmware/random-graph';
import { buildRuntime } from './host-build';
import type { HostBuild } from './host-build';
import { haveTools } from './require-tools';
import { defined } from '../../src/core/util/defined';

const NAME = 'unit';
const GRAPHS = 14;

function vectorBytes({ inputs, outputs }: Vectors): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(inputs.length);
  return Buffer.concat([
    count,
    ...inputs.flatMap((input, i) => [input, outputs[i]!].map((v) => Buffer.from(v))),
  ]);
}

describe.runIf(haveTools(HOST_COMPILER))('the emitted C on the host, under sanitizers', () => {
  let build: HostBuild;
  const codes = new Set<number>();
  const kinds = new Set<string>();
  beforeAll(async () => {
    build = await buildRuntime(
      NAME,
      new Map([
        ['platform.h', runtimeFile('platform.h')],
        ['platform_host.c', runtimeFile('platform_host.c')],
        ['harness.inc', prefixed(runtimeFile('harness.c'), NAME)],
      ]),
    );
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
    writeFileSync(join(build.folder, 'vectors.bin'), vectorBytes(vectors));
    const parts = [...emitted.files].filter(([file]) =>
      /_(model|weights|selftest)\.[ch]$/.test(file),
    );
    const sources = [
      ...parts.map(([file]) => file).filter((file) => file.endsWith('.c')),
      'harness.inc',
    ];
    // One translation unit: starting the compiler is most of the time.
    const unit = sources.map((file) => `#include "${file}"\n`).join('');
    const headers = parts.map(([file, text]) => [join(build.folder, file), text] as const);
    for (const [file, text] of headers) writeFileSync(file, text);
    const result = await build.run(await build.link('program', new Map([['unit_all.c', unit]])));
    expect(result.stderr).toBe('');
    expect(result.stdout).toContain('selftest 0\n');
    expect(result.stdout).toContain('vectors 6\nmismatches 0\n');
  }

  for (let seed = 0; seed < GRAPHS; seed++) {
    it(`computes random network ${seed} as the integer executor does`, async () => {
      const graph = randomGraph(seed);
      // Every other one with as little RAM as possible: tiles of one channel, buffers in every gap.
      await compare(graph, seed, seed % 2 === 0 ? undefined : smallestRam(graph));
    });
  }

  it('has seen every operation and a wide range of outputs', () => {
    expect([...kinds].sort()).toEqual([
      'activation',
      'add',
      'averagePool2d',
      'conv2d',
      'dense',
      'depthwiseConv2d',
      'flatten',
      'globalAveragePool',
      'globalMaxPool',
      'maxPool2d',
      'softmax',
    ]);
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
