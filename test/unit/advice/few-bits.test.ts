/** What a config of few bits will take: bytes as they are packed, not as if each weight had one. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { advise } from '../../../src/core/advice/advise';
import { kernelsOf as kernelsFor } from '../../../src/core/firmware/fixed-flash';
import type { QuantizationConfig } from '../../../src/core/config/config';
import type { Facts } from '../../../src/core/advice/facts';
import { bytesShare, nonZeroOf, nonZeroShare } from '../../../src/core/plan/compression';
import { describeCompression } from '../../../src/core/report/describe-compression';
import type { ForecastConfig } from '../../../src/core/plan/flash';
import { forecast as forecastOf, type Forecast } from '../../../src/core/plan/forecast';
import { loadModel } from '../../../src/core/models/models';
import { layerCoding, zeroTileBytes } from '../../../src/core/codecs/coding';
import { FIRST_READER } from '../../../src/core/firmware/blob-reader';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { codeWith } from '../../../src/core/firmware/code-table';
import { blobOverhead } from '../../../src/core/firmware/blob';
import { WEIGHT_FORMATS } from '../../../src/core/formats/formats';
import { expectationOf } from '../../../src/extension/dashboard/expect';
import {
  flashTable,
  forecastLayerText,
  layerTable,
} from '../../../src/extension/language/config-text';
import { loadConfig } from '../../../src/core/config/load-config';

const WORKSPACE = fileURLToPath(new URL('../../../examples/meter/', import.meta.url));

/** 24, 2,700 and 1,000 weights: the first stays int8. */
const model = loadModel({
  input: [9, 9, 1],
  classes: 10,
  layers: [
    { type: 'conv2d', name: 'first', filters: 3, kernel: [2, 4], stride: 3, padding: 'same' },
    { type: 'dense', name: 'wide', units: 100 },
    { type: 'dense', name: 'last', units: 10 },
  ],
});

function forecast(of: ForecastConfig): Forecast {
  return forecastOf(of, model);
}

/** What a measured code size is for. */
function kernelsOf({ graph, possible }: Forecast): string {
  return kernelsFor(graph, possible);
}

function config(
  weights: QuantizationConfig['weights'],
  budget: ForecastConfig['budget'] = {},
): ForecastConfig {
  return {
    budget,
    east: { method: 'east', codec: 'lz4' },
    quantization: { weights },
  };
}

describe('weights of few bits', () => {
  it.each([
    [8, 2700, 1000, 'int8'],
    [4, 1350, 500, 'int4'],
    [2, 675, 250, 'quaternary'],
    [1, 338, 125, 'binary'],
    ['ternary', 540, 200, 'ternary'],
  ] as const)('of %s take what they are packed in', (weights, wide, last, format) => {
    const { layers, flash } = forecast(config(weights));
    const weighted = layers.filter(({ parameters }) => parameters > 0);
    expect(weighted.map((layer) => [layer.denseBytes, layer.packedBytes, layer.format])).toEqual([
      [24, 24, 'int8'],
      [2700, wide, format],
      [1000, last, format],
    ]);
    expect(flash.format).toBe(format);
    expect(flash.denseBytes).toBe(3724);
    expect(flash.packedBytes).toBe(24 + wide + last);
    expect(flash.leastBlob).toBe(
      [24, wide, last].reduce(
        (sum, n) => sum + zeroTileBytes(layerCoding('int8'), n),
        blobOverhead(3),
      ),
    );
    // Layers without weights have no format.
    expect(
      layers.every(({ format, parameters }) => (format !== undefined) === parameters > 0),
    ).toBe(true);
  });

  it('that all fit need no pruning, though int8 ones would', () => {
    const budget = { weights: { bytes: 2000 } };
    const four = forecast(config(4, budget)).flash;
    expect(nonZeroOf(four)).toBe(1);
    expect(four.requiredRatio).toBeCloseTo(3724 / 2000);
    expect(describeCompression(four)).toBe(
      'the budget has room for all 1,874 bytes of the weights: none need to be pruned',
    );
    expect(flashTable(forecast(config(4, budget)), undefined)).not.toContain('must shrink');
    const eight = forecast(config(8, budget));
    expect(nonZeroOf(eight.flash)).toBeLessThan(0.5);
    expect(describeCompression(eight.flash)).toMatch(
      /^the budget leaves 2,000 bytes for weights of 3,724 \(1\.86× compression\): about \d\d\.\d % of them/,
    );
    expect(flashTable(eight, undefined)).toContain('must shrink 1.86×');
  });

  it('that do not fit are pruned from their packed bytes', () => {
    const { flash } = forecast(config(4, { weights: { bytes: 1000 } }));
    const share = (1000 - flash.overhead) / flash.packedBytes;
    expect(nonZeroOf(flash)).toBe(nonZeroShare(share, 'int4'));
    expect(nonZeroOf(flash)).toBeLessThan(1);
    expect(describeCompression(flash)).toMatch(
      /^the budget leaves 1,000 bytes for weights of 3,724, in few bits 1,874 \(3\.72× compression\): about/,
    );
  });

  it('are what a share of the budget is not of: that is of dense int8', () => {
    const { flash } = forecast(config('ternary', { weights: { fraction: 0.25 } }));
    expect(flash.blobBudget).toBe(931);
  });

  it('are told of in the editor as they are packed', () => {
    const { layers } = forecast(config(4));
    const wide = layers.find(({ name }) => name === 'wide')!;
    expect(forecastLayerText(wide)).toBe('1.3 KiB dense, int4');
    expect(forecastLayerText(layers.find(({ name }) => name === 'first')!)).toBe('24 B dense');
    expect(layerTable(wide, undefined)).toContain(
      '| dense int8 | 2.6 KiB |\n| dense int4 | 1.3 KiB |',
    );
    expect(flashTable(forecast(config(4)), undefined)).toContain(
      '| weights, dense int8 | 3.6 KiB |\n| weights, dense, mostly int4 | 1.8 KiB |',
    );
    expect(flashTable(forecast(config(8)), undefined)).not.toContain('mostly');
  });

  it('without a budget are expected packed on the dashboard', () => {
    const file = `${WORKSPACE}meter.east.json`;
    const recorded = loadConfig(file, { workspace: WORKSPACE });
    const expected = (weights: 8 | 4) =>
      expectationOf(
        { ...recorded, budget: {}, quantization: { weights, activations: 8 } },
        loadModel(recorded.model),
      );
    const { flash, layers, denseBytes } = expected(4);
    const overhead = expected(8).flash.weights - denseBytes;
    expect(flash.weights).toBeLessThan(0.52 * denseBytes + overhead);
    expect(flash.weights).toBeGreaterThanOrEqual(denseBytes / 2);
    expect(new Set(layers.map(({ format }) => format))).toContain('int4');
  });
});

describe('formats that training chooses', () => {
  const budget = { weights: { bytes: 800 } };
  const auto = forecast(config('auto', budget));

  it('are forecast with the code of all, and the least bytes of any', () => {
    const eight = forecast(config(8, budget));
    expect(auto.possible).toEqual({ first: ['int8'], wide: WEIGHT_FORMATS, last: WEIGHT_FORMATS });
    const { files } = auto.flash.code;
    const more = Object.keys(files).filter((file) => !(file in eight.flash.code.files));
    expect(more.sort()).toEqual(
      ['east_dense_packed', ...WEIGHT_FORMATS.slice(1).map((format) => `east_${format}`)].sort(),
    );
    expect(auto.flash.code.bytes).toBe(
      eight.flash.code.bytes + more.reduce((sum, file) => sum + files[file]!, 0),
    );
    expect(auto.flash.tables).toBeGreaterThan(eight.flash.tables);
    expect(auto.flash.leastBlob).toBe(forecast(config(1, budget)).flash.leastBlob);
    expect(kernelsOf(auto)).toMatch(/east_binary,.*east_int4,.*east_quaternary,.*east_ternary/);
  });

  it('are guessed: the most levels with which nothing is pruned, else the fewest bytes', () => {
    const guess = (bytes: number) => {
      const { flash } = forecast(config('auto', { weights: { bytes } }));
      return { ...flash, nonZero: nonZeroOf(flash) };
    };
    expect(guess(4000)).toMatchObject({ format: 'int8', formatOpen: true, nonZero: 1 });
    expect(guess(2000)).toMatchObject({ format: 'int4', nonZero: 1 });
    expect(guess(1000)).toMatchObject({ format: 'quaternary', nonZero: 1 });
    expect(guess(850)).toMatchObject({ format: 'ternary', nonZero: 1 });
    expect(guess(600)).toMatchObject({ format: 'binary', nonZero: 1 });
    expect(guess(400).format).toBe('binary');
    expect(guess(400).nonZero).toBeLessThan(1);
  });

  it('are int8 without a budget and with method dense', () => {
    const dense = {
      ...config('auto', budget),
      east: { ...config(8).east, method: 'dense' as const },
    };
    for (const { flash, possible } of [forecast(config('auto')), forecast(dense)]) {
      expect(new Set(Object.values(possible).flat())).toEqual(new Set(['int8']));
      expect(flash).toMatchObject({ format: 'int8', formatOpen: false, packedBytes: 3724 });
      expect(flash.code).toEqual(forecast(config(8)).flash.code);
    }
  });

  it('leave out the code of those not chosen', () => {
    const { code } = auto.flash;
    const target = firmwareTarget();
    const ternary = forecast(config('ternary'));
    const one = codeWith(code, auto.graph, ternary.possible, FIRST_READER, target);
    expect(one).toEqual(ternary.flash.code);
    expect(codeWith(code, auto.graph, auto.possible, FIRST_READER, target)).toEqual(code);
  });

  it('are called guesses in the editor', () => {
    const wide = auto.layers.find(({ name }) => name === 'wide')!;
    expect(forecastLayerText(wide)).toBe('2.6 KiB dense int8, format open');
    expect(layerTable(wide, undefined)).toContain('| dense ternary (a guess: training chooses) |');
    expect(flashTable(auto, undefined)).toContain('| weights, dense, likely ternary |');
    const first = auto.layers.find(({ name }) => name === 'first')!;
    expect(forecastLayerText(first)).toBe('24 B dense');
  });
});

describe('code measured for one format', () => {
  it('is not taken for that of another', () => {
    const text = (weights: string): string =>
      readFileSync(`${WORKSPACE}meter.east.json`, 'utf8')
        .replace('"budget"', `"quantization": { "weights": ${weights} }, "budget"`)
        .replace('"codec": "auto"', '"codec": "lz4"');
    const advised = (weights: string, facts: Facts = {}) =>
      advise(text(weights), `${WORKSPACE}meter.east.json`, WORKSPACE, facts).forecast!;
    const kernels = kernelsOf(advised('8'));
    const facts: Facts = {
      code: { kernels, size: { bytes: 1234, source: 'measured', files: {} } },
    };
    expect(advised('8', facts).flash.code.bytes).toBe(1234);
    expect(kernelsOf(advised('4'))).toContain('east_int4');
    expect(advised('4', facts).flash.code.source).toBe('table');
    expect(advised('4').flash.code.bytes).toBeGreaterThan(advised('8').flash.code.bytes);
  });
});

describe('the estimate of what can stay non-zero', () => {
  it.each(WEIGHT_FORMATS)('falls with the bytes and can be turned round, %s', (format) => {
    expect(nonZeroShare(1, format)).toBe(1);
    expect(nonZeroShare(0, format)).toBe(0);
    let last = 1;
    for (let share = 0.99; share > 0.005; share -= 0.01) {
      const nonZero = nonZeroShare(share, format);
      expect(nonZero).toBeLessThan(last);
      expect(bytesShare(nonZero, format)).toBeCloseTo(share, 9);
      last = nonZero;
    }
  });
});
