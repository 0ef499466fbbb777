/** Networks along a stream: the C of a step against the exact executor's steps, which others hold against whole windows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codingsOf } from '../../src/core/codecs/choice';
import { codeBytes } from '../../src/core/firmware/code-size';
import { runProgram } from '../../src/core/firmware/compile';
import { modelSources } from '../../src/core/firmware/emit';
import { chosenFormats } from '../../src/core/firmware/encoded-model';
import { TARGETS } from '../../src/core/firmware/targets/targets';
import { findTool, HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import { buildGraph } from '../../src/core/graph/build';
import { weightedLayers, type Graph } from '../../src/core/graph/graph';
import { alongStream, stepOf } from '../../src/core/graph/stream';
import { planMemory } from '../../src/core/plan/memory';
import { flashUsage } from '../../src/core/plan/usage';
import { emitRandom, randomVectors, type EmittedModel } from '../unit/firmware/random-model';
import { randomStream } from '../unit/firmware/random-stream';
import { haveTools } from './require-tools';

const TARGET = TARGETS['cortex-m4'];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'east-stream-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function written(
  graph: Graph,
  name: string,
  seed: number,
  stored: Pick<NonNullable<Parameters<typeof emitRandom>[1]>, 'formats' | 'codings'> = {},
): EmittedModel & { directory: string } {
  const emitted = emitRandom(graph, { name, seed, sparsity: 0.4, ...stored });
  const directory = join(folder, name);
  writeSources(directory, emitted.files);
  return { ...emitted, directory };
}

/** A keyword spotter's shape: pointwise and depthwise convolutions over frames, then the mean of the whole window. */
const spotter = buildGraph({
  input: [40, 8, 1],
  classes: 4,
  layers: [
    { type: 'conv2d', filters: 12, kernel: [4, 4], stride: [2, 2], padding: [0, 0, 1, 1] },
    { type: 'depthwiseConv2d', kernel: 3, padding: [0, 0, 1, 1] },
    { type: 'conv2d', filters: 12, kernel: 1, activation: 'relu' },
    { type: 'depthwiseConv2d', kernel: 3, padding: [0, 0, 1, 1] },
    { type: 'conv2d', filters: 12, kernel: 1, activation: 'relu' },
    { type: 'globalAveragePool' },
    { type: 'dense', units: 4 },
  ],
});

const tools = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.simulator.tool, TARGET.sizeProgram);

describe('a network along a stream', () => {
  it('needs less RAM a step than a window, for there is less of every tensor', () => {
    const step = planMemory(alongStream(spotter, 4));
    expect(step.ram.total).toBeLessThan(planMemory(spotter).ram.total);
    expect(step.stream?.window.ram.total).toBe(
      planMemory(spotter, planMemory(spotter).ram.total).ram.total,
    );
  });

  it.skipIf(!tools)(
    'computes on this machine and on the target what the executor does, and takes what is said',
    async () => {
      const graph = alongStream(spotter, 4);
      const { directory, model, encoded, plan } = written(graph, 'spotter', 3);
      const vectors = randomVectors(model, 5, 9);
      expect(vectors.stream?.inputs.length).toBeGreaterThan(20);
      const report = await verifyFirmware({ directory, name: 'spotter', vectors, target: TARGET });
      expect(report).toMatchObject({
        host: { status: 'passed' },
        sanitizers: { status: 'passed' },
        onTarget: { status: 'passed' },
      });
      const cost = report.cost!;
      expect(cost.ramBytes).toBe(plan.ram.total);
      const code = await codeBytes(graph, chosenFormats(encoded), TARGET);
      const { weights, biases, tables, total } = flashUsage(encoded, code, TARGET);
      expect(cost.flash).toMatchObject({ weights, biases, tables, code: code.bytes, flash: total });
      // A tenth of the window is new: a third of the instructions is a generous limit.
      expect(cost.instructionsPerStep!).toBeLessThan(cost.instructionsPerInference / 3);
    },
  );

  it.skipIf(!tools)(
    'links beside the whole window where the entropy coder stores layers, and computes what the executor does',
    async () => {
      const graph = alongStream(spotter, 4);
      const formats = Object.fromEntries(
        weightedLayers(graph).map(({ name }, i) => [name, i % 2 === 0 ? 'int8' : 'int4'] as const),
      );
      const codecs = Object.fromEntries(Object.keys(formats).map((name) => [name, 'entropy']));
      const { directory, model, encoded, files } = written(graph, 'coded', 3, {
        formats,
        codings: () => codingsOf(formats, codecs, {}, ['lz4', 'entropy']),
      });
      const tiles = encoded.layers.flatMap((layer) => layer.tiles);
      expect(tiles.map(({ codec }) => codec)).toContain('entropy');
      expect([...files.keys()]).toContain('coded_blob_v2.c');
      const vectors = randomVectors(model, 5, 9);
      const report = await verifyFirmware({ directory, name: 'coded', vectors, target: TARGET });
      expect([report.host, report.sanitizers, report.onTarget]).toEqual([
        { status: 'passed' },
        { status: 'passed' },
        { status: 'passed' },
      ]);
      // The table of codecs is in the firmware once.
      const code = await codeBytes(graph, chosenFormats(encoded), TARGET);
      const { tables, total } = flashUsage(encoded, code, TARGET);
      expect(report.cost!.flash).toMatchObject({ tables, flash: total });
    },
  );

  it.skipIf(!tools)('computes random networks on this machine, under sanitizers', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const causal = seed % 3 === 0;
      const base = randomStream(seed, { causal, lastOnly: causal });
      const graph = alongStream(base, 1 + (seed % 4));
      const { directory, model } = written(graph, `random${seed}`, seed);
      const vectors = randomVectors(model, 4, seed);
      const report = await verifyFirmware({
        directory,
        name: `random${seed}`,
        vectors,
        target: TARGET,
      });
      expect([report.host, report.sanitizers, report.onTarget], `seed ${seed}`).toEqual([
        { status: 'passed' },
        { status: 'passed' },
        { status: 'passed' },
      ]);
    }
  });

  it.skipIf(!tools)('finds a step that is wrong', async () => {
    const graph = alongStream(spotter, 4);
    const { directory, model } = written(graph, 'wrong', 3);
    const vectors = randomVectors(model, 3, 9);
    const last = vectors.stream!.outputs.length - 1;
    const outputs = vectors.stream!.outputs.map((output, i) =>
      i === last ? output!.map((code) => code ^ 1) : output,
    );
    const stream = { ...vectors.stream!, outputs };
    const report = await verifyFirmware({
      directory,
      name: 'wrong',
      vectors: { ...vectors, stream },
      target: TARGET,
    });
    expect(report.host).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^1 of \d+ steps along the stream differ.*first is step \d+$/),
    });
  });

  it.skipIf(!tools)('links without the whole window, and begins anew after damage', async () => {
    const graph = alongStream(spotter, 4);
    const { directory, model, files } = written(graph, 'alone', 5);
    expect(modelSources('alone', graph, {})).not.toContain('alone_window.c');
    const { stream } = randomVectors(model, 3, 9);
    const warmUp = stepOf(graph)!.warmUp;
    const bytes = (codes: readonly Int8Array[]): string =>
      codes.map((row) => `{${[...row].join(',')}}`).join(',\n');
    writeFileSync(
      join(directory, 'main.c'),
      `#include "alone_model.h"
#include <string.h>
static const int8_t steps[${warmUp}][ALONE_STEP_BYTES] = {${bytes(stream!.inputs.slice(0, warmUp))}};
static const int8_t answer[ALONE_OUTPUT_BYTES] = {${[...stream!.outputs[warmUp - 1]!].join(',')}};
extern uint8_t alone_weights_blob[ALONE_BLOB_BYTES];
int main(void)
{
    int8_t output[ALONE_OUTPUT_BYTES];
    int round, i;
    for (round = 0; round < 2; round++) {
        for (i = 0; i < ALONE_WARM_UP; i++) {
            if (alone_advance(NULL, output) != ALONE_BAD_ARGUMENT) return 1;
            memcpy(alone_input(), steps[i], sizeof steps[i]);
            if (alone_advance(alone_input(), output) != (i + 1 < ALONE_WARM_UP ? ALONE_PENDING : ALONE_OK)) return 2;
        }
        if (memcmp(output, answer, sizeof output) != 0) return 3;
        alone_weights_blob[0] ^= 255;
        if (alone_advance(steps[0], output) != ALONE_BAD_HEADER) return 4;
        alone_weights_blob[0] ^= 255;
    }
    return 0;
}
`,
    );
    // The blob is writable in this build alone.
    const weights = files
      .get('alone_weights.c')!
      .replaceAll('const uint8_t alone_weights_blob', 'uint8_t alone_weights_blob');
    writeFileSync(join(directory, 'alone_weights.c'), weights);
    const sources = [...modelSources('alone', graph, {}), 'main.c'].map((file) =>
      join(directory, file),
    );
    const program = join(folder, 'alone-program');
    const flags = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const compiled = await runProgram(findTool(HOST_COMPILER)!, [
      ...flags,
      ...sources,
      '-o',
      program,
    ]);
    expect(compiled.stderr).toBe('');
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    expect(await runProgram(program, [], { env })).toMatchObject({ code: 0, stderr: '' });
  });
});
