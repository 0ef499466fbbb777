import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { layerCodings } from '../../../src/core/codecs/coding';
import { PRODUCT_CODECS } from '../../../src/core/firmware/blob-reader';
import { codeTable } from '../../../src/core/firmware/code-table';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { chosenFormats } from '../../../src/core/firmware/encoded-model';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { alongStream } from '../../../src/core/graph/stream';
import { loadModel } from '../../../src/core/models/models';
import { encodedPlan } from '../../../src/core/plan/encoded-plan';
import { planMemory } from '../../../src/core/plan/memory';
import { buildReport, type ReportInput } from '../../../src/core/report/build-report';
import { excesses, layerRows, reportLimits } from '../../../src/core/report/describe-report';
import { formatBytes } from '../../../src/core/report/format';
import { formatReport } from '../../../src/core/report/format-report';
import { reportSchema } from '../../../src/core/run/report-schema';
import { randomModel } from '../firmware/random-model';
import { accuracies } from '../tasks/accuracies';
import { encodedModel } from '../run/encoded-model-fixture';
import { resolvedConfig } from '../run/fixtures';

type Budget = ReportInput['config']['budget'];

function input(budget: Budget = { flash: 4096, ram: 2048 }, blobBudget?: number): ReportInput {
  return {
    encoded: encodedModel(),
    plan: {
      offsets: { input: 0, conv: 16, fc: 48 },
      temporaries: { conv: { scratch: 80, decode: 116 }, fc: { scratch: 0, decode: 52 } },
      ram: { activations: 64, scratch: 36, decode: 64, total: 164, peakLayer: 'conv' },
      usage: {
        conv: { activations: 48, scratch: 36, decode: 20 },
        fc: { activations: 36, scratch: 0, decode: 64 },
      },
      least: { bytes: 120, layer: 'conv' },
      tileChannels: { conv: [2], fc: [2, 2] },
      tileWeights: { conv: [18], fc: [32, 32] },
    },
    code: { bytes: 3000, source: 'measured', files: {} },
    blobBudget,
    measured: accuracies({ float: 0.912, fitted: 0.9034 }),
    testExamples: 10_000,
    baseline: 0.1,
    run: 'meter-20260101-000000-00',
    trainedWith: 'wasm',
    config: { ...resolvedConfig('/w'), budget },
  };
}

describe('buildReport', () => {
  it('counts zeros, tiles and bytes of each layer', () => {
    const { layers, sparsity } = buildReport(input());
    const zeros = Array.from(encodedModel().model.layers['fc']!.weights).filter((w) => w === 0);
    expect(layers).toEqual([
      {
        name: 'conv',
        kind: 'conv2d',
        shape: [2, 3, 3, 1],
        parameters: 18,
        sparsity: 1 / 18,
        blobBytes: 22,
        ratio: 18 / 22,
        share: 22 / 105,
        tiles: 1,
        rawTiles: 1,
        format: 'int8',
        savings: { dense: 18, levels: 0, zeros: 0, coding: 0, entries: 4, lz4More: 2 },
      },
      {
        name: 'fc',
        kind: 'dense',
        shape: [4, 32],
        parameters: 128,
        sparsity: zeros.length / 128,
        blobBytes: 83,
        ratio: 128 / 83,
        share: 83 / 105,
        tiles: 2,
        rawTiles: 1,
        format: 'int8',
        savings: layers[1]!.savings,
      },
    ]);
    expect(sparsity).toBe((1 + zeros.length) / 146);
  });

  it('adds up: layers and header to the blob, parts to every total, shares to one', () => {
    const report = buildReport(input());
    const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);
    expect(sum(report.layers.map((l) => l.blobBytes)) + 16).toBe(encodedModel().blob.length);
    expect(report.flash.weights).toBe(encodedModel().blob.length);
    expect(sum(report.layers.map((l) => l.share))).toBeCloseTo(1, 12);
    for (const limit of reportLimits(report)) {
      expect(sum(limit.parts.map(([, bytes]) => bytes)), limit.name).toBe(limit.bytes);
    }
    const bytes = layerRows(report).map((row) => Number(row[4]!.replaceAll(',', '')));
    expect(sum(bytes.slice(0, -1))).toBe(bytes.at(-1));
  });

  it('judges each limit by the byte', () => {
    const { flash, ram } = buildReport(input());
    const verdict = (budget: Budget, blob?: number) =>
      buildReport(input(budget, blob)).withinBudget;
    expect(verdict({})).toBe(true);
    expect(verdict({ flash: flash.total })).toBe(true);
    expect(verdict({ flash: flash.total - 1 })).toBe(false);
    expect(verdict({ ram: ram.total })).toBe(true);
    expect(verdict({ ram: ram.total - 1 })).toBe(false);
    expect(verdict({}, flash.weights)).toBe(true);
    expect(verdict({}, flash.weights - 1)).toBe(false);
  });

  it('says which key is exceeded, by how much and where', () => {
    const report = buildReport(input({ flash: 3000, ram: 100 }));
    expect(excesses(report)).toEqual([
      `budget.flash is exceeded by ${report.flash.total - 3000} bytes (${formatBytes(report.flash.total)} of 2.9 KiB); the heaviest layers are fc 83 B, conv 22 B`,
      `budget.ram is exceeded by 64 bytes (164 B of 100 B); the peak is in layer ${report.ram.peakLayer}`,
    ]);
  });

  it('refuses a model that contradicts itself', () => {
    const { blob } = encodedModel();
    const shorter = { ...encodedModel(), blob: blob.subarray(1) };
    expect(() => buildReport({ ...input(), encoded: shorter })).toThrow(/blob has/);
    const missing = { ...encodedModel(), layers: encodedModel().layers.slice(1) };
    expect(() => buildReport({ ...input(), encoded: missing })).toThrow(/layer conv/);
  });
});

describe('formatReport', () => {
  it('shows every layer, the limits and the verdict in lines that fit', () => {
    const text = formatReport(buildReport(input()), { width: 80 });
    expect(text).toContain('✓ within budget');
    expect(text).toMatch(/FLASH .* 3\.\d KiB of 4\.0 KiB/);
    expect(text).toMatch(
      /^fc +4×32 +128 +int8 +\d+\.\d %  +83 {2}1\.54× {2}79\.0 % {2}2 \(1 raw\)$/m,
    );
    expect(text).toContain('ACCURACY float 91.20 % → quantised – → EAST 90.34 % (10,000 test');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('marks what is over', () => {
    const style = { good: String, dim: String, bold: String, bad: (s: string) => `<${s}>` };
    const text = formatReport(buildReport(input({ flash: 3000 })), { width: 80, style });
    expect(text).toMatch(/<✗ budget.flash is exceeded by \d+ bytes .*>/);
    expect(text).not.toContain('within budget');
  });
});

describe('a network behind a front end, along a stream', () => {
  const config = { kind: 'window', length: 24, channels: 2 } as const;
  const { graph } = loadModel({
    input: [24, 2, 1],
    classes: 2,
    layers: [
      { type: 'conv2d', filters: 4, kernel: [5, 3], padding: [0, 0, 1, 1] },
      { type: 'globalAveragePool' },
      { type: 'dense', units: 2 },
    ],
  });
  const deployed = alongStream(graph, 4);
  const plan = planMemory(deployed);
  const model = randomModel(graph, 1, 0, {}, plan);
  const frontend = { config, offset: Int32Array.of(0, 0), scale: Int32Array.of(1, 1) };
  const encoded = encodeModel(
    { ...model, frontend },
    plan,
    layerCodings({}),
    PRODUCT_CODECS.codecs,
  );
  const report = buildReport({
    ...input(),
    encoded,
    plan: encodedPlan(encoded, plan),
    code: codeTable(deployed, chosenFormats(encoded), firmwareTarget(), config),
  });

  it('says what each takes, and what a step saves', () => {
    expect(report.frontend?.frames).toEqual({ window: 24, output: 4 });
    expect(report.frontend?.tables).toBeGreaterThan(0);
    expect(report.frontend?.tables).toBeLessThan(report.flash.tables);
    expect(report.frontend?.code).toBeGreaterThan(0);
    expect(report.frontend?.code).toBeLessThan(report.flash.code);
    expect(report.frontend?.ram).toBe(report.ram.frontend);
    const { step = 0, window = 0 } = report.stream?.instructions ?? {};
    const { instructions = 0 } = report.frontend ?? {};
    const { computing = 0, decoding = 0 } = report.instructions ?? {};
    expect(step).toBe(computing + decoding + 4 * instructions);
    expect(step).toBeLessThan(window / 2);
    const text = formatReport(report, { width: 100 });
    expect(text).toMatch(/FRONT END tables .* · code .* · RAM .* · about .* instructions a frame/);
    expect(text.replaceAll('\n', ' ')).toMatch(
      /STREAM .* about [\d,]+ instructions instead of [\d,]+ \(/,
    );
  });

  it('is read back as it was written', () => {
    expect(v.parse(reportSchema, JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
});
