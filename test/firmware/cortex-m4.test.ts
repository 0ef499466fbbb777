import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chosenFormats } from '../../src/core/firmware/encoded-model';
import { codingsOf } from '../../src/core/codecs/choice';
import type { LayerCodings } from '../../src/core/codecs/coding';
import type { QuantizedModel } from '../../src/core/quant/model';
import type { LayerFormats } from '../../src/core/firmware/encoded-model';
import { codeBytes } from '../../src/core/firmware/code-size';
import { flashUsage } from '../../src/core/plan/usage';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware } from '../../src/core/firmware/verify';
import type { VerificationReport } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import { loadModel } from '../../src/core/models/models';
import type { Graph } from '../../src/core/graph/graph';
import { buildGraph } from '../../src/core/graph/build';
import { isWeighted, weightedLayers } from '../../src/core/graph/graph';
import { WEIGHT_FORMATS } from '../../src/core/formats/formats';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import type { EmittedModel } from '../unit/firmware/random-model';
import { randomGraph } from '../unit/firmware/random-graph';
import { haveTools } from './require-tools';
import { defined } from '../../src/core/util/defined';

const TARGET = firmwareTarget();

const folder = mkdtempSync(join(tmpdir(), 'east-m4-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function verify(
  name: string,
  graph: Graph,
  vectors: number,
  options: readonly string[] = [],
  formats: LayerFormats = {},
  codings?: (model: QuantizedModel) => LayerCodings,
  altered?: (model: QuantizedModel) => QuantizedModel,
): Promise<{ report: VerificationReport; emitted: EmittedModel }> {
  const emitted = emitRandom(graph, { name, seed: 7, formats, ...defined({ codings, altered }) });
  const directory = join(folder, name);
  writeSources(directory, emitted.files);
  const report = await verifyFirmware({
    directory,
    name,
    vectors: randomVectors(emitted.model, vectors, 3),
    target: TARGET,
    targetOptions: options,
  });
  return { report, emitted };
}

async function expectExactFlash({
  report,
  emitted,
}: {
  report: VerificationReport;
  emitted: EmittedModel;
}): Promise<void> {
  const { weights, biases, tables, code, total } = flashUsage(
    emitted.encoded,
    await codeBytes(emitted.model.graph, chosenFormats(emitted.encoded), TARGET),
    TARGET,
  );
  const measured = report.cost!.flash;
  expect({ weights, biases, tables, code, flash: total }).toEqual({
    weights: measured.weights,
    biases: measured.biases,
    tables: measured.tables,
    code: measured.code,
    flash: measured.flash,
  });
  expect(report.cost!.ramBytes).toBe(emitted.plan.ram.total);
}

/** Inputs and units: rows that begin at a word, at a byte and within one; words of weights and a rest. */
const WIDE = [
  [640, 32],
  [261, 33],
  [1004, 9],
] as const;

/** Powers of two and sums at which something is cut off, or nearly. */
const HOSTILE_SHIFTS = [-31, -25, -21, -20, -19, -8, -1, 0, 1];
const HOSTILE_BIASES = [0, 2 ** 30 - 1000, 2 ** 30 + 2 ** 20, -(2 ** 30), 2 ** 31 - 2 ** 22];

/** Every filter has another shift and bias. */
function hostile(model: QuantizedModel): QuantizedModel {
  const layers = Object.entries(model.layers).map(([name, layer]) => {
    const shift = layer.shift.map((_, c) => HOSTILE_SHIFTS[c % HOSTILE_SHIFTS.length]!);
    const bias = layer.bias.map((_, c) =>
      // Left shifts of large sums would overflow everywhere.
      shift[c]! < 0 ? HOSTILE_BIASES[c % HOSTILE_BIASES.length]! * (c % 2 === 0 ? 1 : -1) : c,
    );
    const multiplier = layer.multiplier.map((_, c) => [2 ** 30, 2 ** 31 - 1, 1518500250][c % 3]!);
    return [name, { ...layer, shift, bias, multiplier }];
  });
  return { ...model, layers: Object.fromEntries(layers) };
}

const PACKED = WEIGHT_FORMATS.filter((format) => format !== 'int8');
const ready = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.sizeProgram, TARGET.simulator.tool);

describe.runIf(ready)('the emitted C on a Cortex-M4', () => {
  it('is exact with the DSP kernels, and takes the flash and RAM that were computed', async () => {
    // A network with a depthwise layer, tails of channels and columns, and every kind of add.
    const result = await verify('dsp', randomGraph(3, 9), 20);
    expect(result.report).toMatchObject({ passed: true, complete: true, vectors: 20 });
    await expectExactFlash(result);
  });

  it('is exact with dense layers whose sums are rounded once, over one column and over several', async () => {
    const { layers, ...graph } = buildGraph({
      input: [3, 5, 11],
      classes: 37,
      layers: [
        { type: 'conv2d', filters: 13, kernel: 1, padding: 'valid', batchNorm: false },
        { type: 'dense', units: 37, batchNorm: false },
      ],
    });
    const once = layers.map((layer) =>
      isWeighted(layer) ? { ...layer, rounding: 'once' as const } : layer,
    );
    for (const options of [[], ['-DONCE_PORTABLE_C']]) {
      const result = await verify('once', { ...graph, layers: once }, 20, options);
      expect(result.report).toMatchObject({ passed: true, complete: true, vectors: 20 });
      if (options.length === 0) await expectExactFlash(result);
    }
  });

  it('is exact with the plain C kernels', async () => {
    const { report } = await verify('plain', randomGraph(3, 9), 20, ['-DPLAIN_PORTABLE_C']);
    expect(report).toMatchObject({ passed: true, complete: true });
  });

  it('is exact with sums of any size, at every scale', async () => {
    const filters = HOSTILE_SHIFTS.length * HOSTILE_BIASES.length;
    const graph = buildGraph({
      input: [5, 5, 3],
      classes: 25 * filters,
      layers: [{ type: 'conv2d', filters, kernel: 3, batchNorm: false }, { type: 'flatten' }],
    });
    for (const options of [[], ['-DHOSTILE_PORTABLE_C']]) {
      const { report } = await verify('hostile', graph, 6, options, {}, undefined, hostile);
      expect(report).toMatchObject({ passed: true, complete: true, vectors: 6 });
    }
  });

  it('is exact with weights of every format, and takes the flash and RAM that were computed', async () => {
    const graph = randomGraph(3, 12);
    const layers = weightedLayers(graph);
    expect(layers.some((layer) => layer.kind === 'depthwiseConv2d')).toBe(true);
    for (let first = 0; first < WEIGHT_FORMATS.length; first++) {
      const formats = Object.fromEntries(
        layers.map((layer, i) => [
          layer.name,
          WEIGHT_FORMATS[(i + first) % WEIGHT_FORMATS.length]!,
        ]),
      );
      const result = await verify(`packed${first}`, graph, 10, [], formats);
      expect(result.report).toMatchObject({ passed: true, complete: true, vectors: 10 });
      await expectExactFlash(result);
    }
  });

  it('is exact with entropy-coded weights of every format that suits, and takes the flash that was computed', async () => {
    const { graph } = loadModel({ architecture: 'lenet5', input: [16, 16, 1], classes: 4 });
    const suited = ['int8', 'int4', 'ternary'] as const;
    const formats = Object.fromEntries(
      weightedLayers(graph).map(({ name }, i) => [name, suited[i % suited.length]!]),
    );
    // One layer by LZ4 alone; the tiles of all others may be stored by either codec.
    const codecs = Object.fromEntries(
      Object.keys(formats).map((name, i) => [name, i === 1 ? 'lz4' : 'entropy']),
    );
    const result = await verify('coded', graph, 10, [], formats, () =>
      codingsOf(formats, codecs, {}, ['lz4', 'entropy']),
    );
    const tiles = result.emitted.encoded.layers.flatMap((layer) => layer.tiles);
    expect(new Set(tiles.map(({ codec }) => codec))).toContain('entropy');
    expect([...result.emitted.files.keys()]).toContain('coded_blob_v2.c');
    expect(result.emitted.files.get('coded_model.h')).toContain('under 1536 bytes of stack');
    expect(result.report).toMatchObject({ passed: true, complete: true, vectors: 10 });
    await expectExactFlash(result);
  });

  it.each(PACKED)('links what unpacks %s alone', async (format) => {
    const graph = randomGraph(5);
    const formats = Object.fromEntries(weightedLayers(graph).map(({ name }) => [name, format]));
    const result = await verify(`only_${format}`, graph, 3, [], formats);
    expect(result.report).toMatchObject({ passed: true, complete: true });
    await expectExactFlash(result);
    const sources = [...result.emitted.files.keys()].filter((file) =>
      PACKED.some((packed) => file.endsWith(`_${packed}.c`)),
    );
    expect(sources).toEqual([`only_${format}_${format}.c`]);
  });

  it.each(WEIGHT_FORMATS)(
    'multiplies large dense layers of %s weights, rows of any length',
    async (format) => {
      for (const [i, [inputs, units]] of WIDE.entries()) {
        const layers = [
          { type: 'dense', units, activation: 'relu' },
          // Fewer rows than the kernels take at once; and behind an odd number of inputs.
          { type: 'dense', units: 3 },
        ] as const;
        const input = [1, 1, inputs] as const;
        const { graph } = loadModel({ input, classes: 3, layers });
        const formats = Object.fromEntries(weightedLayers(graph).map(({ name }) => [name, format]));
        const name = `wide_${format}_${i}`;
        const { report, emitted } = await verify(name, graph, 5, [], formats);
        expect(report, `${inputs} inputs`).toMatchObject({ passed: true, complete: true });
        expect([...emitted.files.keys()]).toContain(`${name}_dense_${format}.c`);
      }
    },
  );

  it('meets the limits for resnet8 at 32×32×3', async () => {
    const graph = loadModel({ architecture: 'resnet8', input: [32, 32, 3], classes: 10 }).graph;
    const result = await verify('resnet', graph, 2);
    expect(result.report).toMatchObject({ passed: true, complete: true });
    const cost = result.report.cost!;
    expect(cost.instructionsPerInference).toBeLessThan(30e6); // CMSIS-NN's, facts.md
    expect(cost.instructionsPerDecodedByte).toBeLessThan(3.8);
    expect(cost.flash.code).toBeLessThanOrEqual(10 * 1024);
    expect(cost.ramBytes).toBeLessThanOrEqual(59 * 1024);
    await expectExactFlash(result);
  });

  it('finds a wrong output, and says which', async () => {
    const emitted = emitRandom(randomGraph(4), { name: 'wrong', seed: 1 });
    const directory = join(folder, 'wrong');
    writeSources(directory, emitted.files);
    const { inputs, outputs } = randomVectors(emitted.model, 3, 3);
    const changed = outputs.map((output) => output.slice());
    changed[1]![0]! ^= 1;
    const report = await verifyFirmware({
      directory,
      name: 'wrong',
      target: TARGET,
      vectors: { inputs, outputs: changed },
    });
    expect(report.passed).toBe(false);
    for (const result of [report.host, report.sanitizers, report.onTarget]) {
      expect(result).toMatchObject({
        status: 'failed',
        message: expect.stringMatching(/vector 1/),
      });
    }
  });
});

describe('verification without tools', () => {
  it('says what is missing and what to type', async () => {
    const emitted = emitRandom(randomGraph(5), { name: 'bare' });
    const directory = join(folder, 'bare');
    writeSources(directory, emitted.files);
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      const vectors = randomVectors(emitted.model, 1, 1);
      const report = await verifyFirmware({ directory, name: 'bare', vectors, target: TARGET });
      expect(report).toMatchObject({ passed: true, complete: false, cost: undefined });
      expect(report.host).toMatchObject({
        status: 'skipped',
        install: expect.stringMatching(/gcc/),
      });
      expect(report.onTarget).toMatchObject({
        status: 'skipped',
        install: expect.stringMatching(/gcc-arm-none-eabi/),
      });
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('refuses a folder without sources, of another model, or vectors of the wrong size', async () => {
    const emitted = emitRandom(randomGraph(5), { name: 'bare' });
    const directory = join(folder, 'bare');
    writeSources(directory, emitted.files);
    const none = { inputs: [], outputs: [] };
    const short = { inputs: [new Int8Array(1)], outputs: [new Int8Array(1)] };
    const verifyIt = (directory: string, name: string, vectors: typeof none | typeof short) =>
      verifyFirmware({ directory, name, vectors, target: TARGET });
    await expect(verifyIt(join(folder, 'nothing'), 'bare', none)).rejects.toThrow(/no generated/);
    await expect(verifyIt(directory, 'other', none)).rejects.toThrow(/of model 'bare'/);
    await expect(verifyIt(directory, 'bare', short)).rejects.toThrow(/1 values instead of/);
  });
});
