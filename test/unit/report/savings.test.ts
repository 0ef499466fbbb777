import { describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import type { WeightFormat } from '../../../src/core/formats/formats';
import { buildGraph } from '../../../src/core/graph/build';
import { weightedLayers } from '../../../src/core/graph/graph';
import { planMemory } from '../../../src/core/plan/memory';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { layerBlobBytes } from '../../../src/core/firmware/blob';
import { levelsOf, savingsOf } from '../../../src/core/report/measure-savings';
import {
  formatName,
  savingsLine,
  savingsRows,
  storedBy,
} from '../../../src/core/report/describe-report';
import { addSavings } from '../../../src/core/report/savings';
import { formatCount } from '../../../src/core/report/format';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from '../firmware/random-model';

const graph = buildGraph({
  input: [1, 1, 64],
  classes: 32,
  layers: [{ type: 'dense', name: 'fc', units: 32 }],
});
const [layer] = weightedLayers(graph);

/** The layer with codes by `code`, encoded. */
function encoded(format: WeightFormat, codec: string, code: (i: number) => number) {
  const base: QuantizedModel = randomModel(graph, 1);
  const weights = Int8Array.from({ length: 2048 }, (_, i) => code(i));
  const model = { ...base, layers: { fc: { ...base.layers['fc']!, weights } } };
  const codings = { [layer!.name]: layerCoding(format, {}, codec) };
  return encodeModel(model, planMemory(graph), codings).layers[0]!;
}

const random = createRandom(7);
const noise = Int8Array.from({ length: 2048 }, () => random.int(255) - 127);

describe('what saved the bytes of a layer', () => {
  it.each([
    ['int8', 'lz4', (i: number) => (i % 64 < 40 ? 0 : noise[i]!)],
    ['int4', 'lz4', (i: number) => (i % 64 < 40 ? 0 : noise[i]! % 7 || 1)],
    ['int8', 'entropy', (i: number) => (noise[i]! > 0 ? 0 : noise[i]! % 16)],
    ['ternary', 'entropy', (i: number) => (noise[i]! > 90 ? 1 : noise[i]! < -90 ? -1 : 0)],
    ['int8', 'lz4', (i: number) => noise[i]!],
  ] as const)('adds up to what it takes: %s, %s', (format, codec, code) => {
    const layerStored = encoded(format, codec, code);
    const { dense, levels, zeros, coding, entries } = savingsOf(layerStored);
    const stored = layerStored.tiles.reduce((sum, tile) => sum + tile.stored.length, 0);
    expect(dense - levels - zeros - coding + entries).toBe(
      layerBlobBytes(stored, layerStored.tiles.length),
    );
  });

  it('tells zeros from repeats: runs of zeros are what pruning saved, a pattern is the encoding', () => {
    const runs = savingsOf(encoded('int8', 'lz4', (i) => (i % 64 < 60 ? 0 : noise[i]!)));
    const pattern = savingsOf(encoded('int8', 'lz4', (i) => 1 + (i % 4)));
    expect(runs.zeros).toBeGreaterThan(1500);
    expect(Math.abs(runs.coding)).toBeLessThan(100);
    expect(pattern.zeros).toBe(0);
    expect(pattern.coding).toBeGreaterThan(1900);
  });

  it('counts scattered zeros of an entropy coder', () => {
    const half = encoded('int8', 'entropy', (i) => (i % 2 === 0 ? 0 : noise[i]! || 1));
    const { zeros, coding } = savingsOf(half);
    // Half of the weights take a bit instead of those that so many levels would.
    expect(zeros).toBe(Math.round((1024 * (Math.log2(levelsOf(half)!) - 1)) / 8));
    expect(zeros).toBeGreaterThan(880);
    expect(coding).toBeLessThan(0);
  });

  it('counts the levels of a layer whose codes are stored one by one, and what they save', () => {
    const five = encoded('int8', 'entropy', (i) => (noise[i]! % 5 === 4 ? 0 : (noise[i]! % 3) * 2));
    expect(levelsOf(five)).toBe(5);
    expect(savingsOf(five).levels).toBe(2048 - Math.ceil((2048 * Math.log2(5)) / 8));
    for (const packed of [
      encoded('ternary', 'entropy', () => 1),
      encoded('int8', 'raw', () => 1),
    ]) {
      expect(levelsOf(packed)).toBeUndefined();
    }
    const row = { ...REPORT, format: 'int8' as const };
    expect([formatName(row), formatName({ ...row, levels: 5 })]).toEqual(['int8', '5 levels']);
  });

  it('says why nothing was encoded', () => {
    const raw = encoded('int8', 'lz4', (i) => noise[i]!);
    const savings = savingsOf(raw);
    expect(savings.lz4More).toBeGreaterThan(0);
    expect(savings).toMatchObject({ levels: 0, zeros: 0, coding: 0 });
    const report = { tiles: 1, rawTiles: 1, savings };
    expect(storedBy({ ...REPORT, ...report })).toBe(
      `raw: LZ4 would take ${savings.lz4More} bytes more`,
    );
  });

  it('is told of raw tiles that LZ4 would make smaller, where the config keeps it from them', () => {
    const savings = savingsOf(encoded('int8', 'raw', (i) => (i < 1900 ? 0 : noise[i]! || 1)));
    expect(savings.lz4More).toBeLessThan(-1500);
    expect(storedBy({ ...REPORT, tiles: 1, rawTiles: 1, savings })).toMatch(
      /^raw: LZ4 would take 1,\d{3} bytes less, which budget\.decode, /,
    );
  });

  it('is told of raw tiles that the entropy coder would make smaller, which LZ4 would not', () => {
    const five = (i: number): number => (noise[i]! % 5 === 4 ? 0 : (noise[i]! % 3) * 2);
    const savings = savingsOf(encoded('int8', 'raw', five));
    const coded = savingsOf(encoded('int8', 'entropy', five));
    expect(savings.entropyLess).toBe(coded.levels + coded.zeros + coded.coding);
    expect(storedBy({ ...REPORT, tiles: 1, rawTiles: 1, savings })).toBe(
      `raw: the entropy coder would take ${formatCount(savings.entropyLess!)} bytes less but for its decoder; ` +
        'it was not chosen, or budget.decode or east.codec rules it out',
    );
    // No zero of a single weight is in these, so the coder cannot store them.
    expect(savingsOf(encoded('binary', 'raw', () => 1)).entropyLess).toBeUndefined();
  });

  it('is told in rows that add up, and not at all by reports that do not know', () => {
    const savings = savingsOf(
      encoded('int4', 'lz4', (i) => (i % 64 < 40 ? 0 : noise[i]! % 7 || 1)),
    );
    const rows = savingsRows({ layers: [{ ...REPORT, savings, blobBytes: 700 }] });
    expect(rows[0]!.slice(0, 3)).toEqual(['fc', '2,048', '−1,024']);
    expect(rows.at(-1)![1]).toBe('2,048');
    expect(addSavings([savings, savings]).zeros).toBe(2 * savings.zeros);
    expect(savingsLine({ layers: [{ ...REPORT, savings }] })).toMatch(
      /^few levels 1\.0 KiB · pruning /,
    );
    expect(savingsRows({ layers: [REPORT] })).toEqual([]);
    expect(savingsLine({ layers: [REPORT] })).toBeUndefined();
  });
});

const REPORT = {
  name: 'fc',
  kind: 'dense',
  shape: [32, 64],
  parameters: 2048,
  sparsity: 0.5,
  blobBytes: 1000,
  ratio: 2,
  share: 1,
  tiles: 1,
  rawTiles: 0,
};
