import { describe, expect, it } from 'vitest';
import { encodeBlock } from '../../../src/core/codecs/lz4/encode';
import { readSequences } from '../../../src/core/codecs/lz4/sequences';
import { planMemory } from '../../../src/core/plan/memory';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { buildGraph } from '../../../src/core/graph/build';
import { packWeights, WEIGHT_FORMATS, weightsPerByte } from '../../../src/core/formats/packing';
import { layerWeights } from '../../../src/extension/dashboard/weights';
import { columnsFor, expand, segmentAt } from '../../../webview/weight-cells';
import { randomModel } from '../firmware/random-model';
import { encodedModel } from '../run/encoded-model-fixture';

/** A repeatable sequence of bytes with runs, repeats and noise. */
function bytes(length: number, seed: number): Uint8Array {
  let x = seed;
  const next = (): number => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) >>> 16;
  const out = new Uint8Array(length);
  for (let i = 0; i < length;) {
    const run = 1 + (next() % 40);
    const kind = next() % 3;
    for (let k = 0; k < run && i < length; k++, i++) {
      out[i] = kind === 0 ? 0 : kind === 1 && i >= 50 ? out[i - 50]! : next();
    }
  }
  return out;
}

/** The weight in every byte, with int8. */
const INT8 = Int8Array.from({ length: 256 }, (_, byte) => byte);

function lz4Tile(raw: Uint8Array) {
  const block = encodeBlock(raw);
  return {
    firstChannel: 0,
    channels: 1,
    weights: raw.length,
    packedBytes: raw.length,
    storedBytes: block.length,
    storage: 'lz4' as const,
    ...readSequences(block, raw.length),
  };
}

describe('sequences of a block', () => {
  it('give back the bytes, for blocks of every kind', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const raw = bytes(seed * 37, seed);
      const cells = expand([lz4Tile(raw)], INT8);
      expect(cells && new Uint8Array(cells.values.buffer)).toEqual(raw);
    }
  });

  it('have lengths beyond the token, and none in an empty block', () => {
    const { sequences, literals } = readSequences(encodeBlock(new Uint8Array(1000)), 1000);
    expect([...sequences]).toEqual([1, 994, 1, 5, 0, 0]);
    expect(literals.length).toBe(6);
    expect([...readSequences(encodeBlock(new Uint8Array(0)), 0).sequences]).toEqual([0, 0, 0]);
  });

  it('of a damaged block are refused', () => {
    expect(() => readSequences(Uint8Array.of(0x10), 1)).toThrow(/damaged LZ4 block/);
  });
});

describe('weights of a layer', () => {
  it('are those of the model, tile by tile', () => {
    const model = encodedModel();
    const { tiles, codes } = layerWeights(model, 'conv');
    expect(tiles).toMatchObject([
      { storage: 'raw', weights: 18, packedBytes: 18, storedBytes: 18 },
    ]);
    expect(expand(tiles, codes)?.values).toEqual(model.model.layers['conv']!.weights);
    expect(() => layerWeights(model, 'gone')).toThrow(/no layer gone/);
  });

  it.each(WEIGHT_FORMATS)('are those of the model, packed as %s', (format) => {
    // 81 weights a channel: tiles whose last byte is not full.
    const graph = buildGraph({
      input: [8, 8, 9],
      classes: 5,
      layers: [
        { type: 'conv2d', name: 'c', filters: 7, kernel: 3 },
        { type: 'dense', name: 'd', units: 5 },
      ],
    });
    const formats = { c: format, d: format };
    const storages = new Set<string>();
    for (const sparsity of [0, 0.6, 0.95]) {
      const plan = planMemory(graph, 1900);
      const model = randomModel(graph, 3, sparsity, formats, plan);
      const encoded = encodeModel(model, plan, formats);
      for (const name of ['c', 'd']) {
        const { tiles, codes } = layerWeights(encoded, name);
        const cells = expand(tiles, codes);
        if (cells === undefined) throw new Error('contradiction');
        expect(cells.values).toEqual(model.layers[name]!.weights);
        expect(cells.weightsPerByte).toBe(weightsPerByte(format));
        expect(Object.values(cells.counts).reduce((a, b) => a + b, 0)).toBe(cells.values.length);
        cells.values.forEach((value, i) => {
          const { start, end, kind, offset } = segmentAt(cells, i);
          expect(start <= i && i < end).toBe(true);
          if (kind === 'zeros') expect(value).toBe(0);
          if (kind === 'match') expect(value).toBe(cells.values[i - offset]);
        });
        for (const { storage } of tiles) storages.add(storage);
      }
    }
    expect(storages).toEqual(new Set(['raw', 'lz4']));
  });

  it('of few bits have segments of whole bytes', () => {
    const weights = Int8Array.from({ length: 41 }, (_, i) => (i < 3 || i === 40 ? 1 : 0));
    const packed = packWeights(weights, 'int4');
    const block = encodeBlock(packed);
    const { codes } = layerWeights(
      {
        layers: [
          {
            name: 'few',
            representation: { bits: 4, packing: 'int4', order: 'storage' },
            tiles: [{ firstChannel: 0, channels: 1, rawBytes: 41, storage: 'lz4', stored: block }],
          },
        ],
      },
      'few',
    );
    const tile = { ...lz4Tile(packed), weights: 41 };
    const cells = expand([tile], codes);
    if (cells === undefined) throw new Error('contradiction');
    // Bytes 0x11 0x01 0x00, a match of zeros one byte back, and five literals of which the last holds one weight.
    expect(segmentAt(cells, 0)).toMatchObject({ start: 0, end: 6, kind: 'literal' });
    expect(segmentAt(cells, 6)).toMatchObject({ start: 6, end: 32, kind: 'zeros', offset: 2 });
    expect(segmentAt(cells, 40)).toMatchObject({ start: 32, end: 41, kind: 'literal' });
    expect(cells.counts).toEqual({ literal: 15, zeros: 26, match: 0, raw: 0 });
    expect(cells.literalBytes).toBe(8);
  });

  it('know their segment', () => {
    const raw = Uint8Array.from([7, ...new Array<number>(30).fill(0), 1, 2, 3, 4, 5, 6]);
    const cells = expand([lz4Tile(raw), lz4Tile(raw)], INT8);
    if (cells === undefined) throw new Error('contradiction');
    expect(segmentAt(cells, 0)).toMatchObject({ start: 0, kind: 'literal', tile: 0 });
    expect(segmentAt(cells, 5)).toMatchObject({ start: 2, end: 31, kind: 'zeros', offset: 1 });
    expect(segmentAt(cells, raw.length + 5)).toMatchObject({ kind: 'zeros', tile: 1 });
    expect(cells.counts.zeros).toBe(2 * 29);
    expect(cells.counts.literal + cells.counts.zeros + cells.counts.match).toBe(2 * raw.length);
  });

  it('that contradict themselves are refused', () => {
    const good = lz4Tile(bytes(500, 3));
    const broken = (sequences: Uint32Array<ArrayBuffer>) => expand([{ ...good, sequences }], INT8);
    expect(broken(Uint32Array.of(1, 4, 2, 495, 0, 0))).toBeUndefined();
    expect(broken(Uint32Array.of(9999, 0, 0))).toBeUndefined();
    expect(broken(Uint32Array.of(1, 9999, 1, 0, 0, 0))).toBeUndefined();
    expect(broken(Uint32Array.of(3, 0, 0))).toBeUndefined();
    expect(expand([{ ...good, packedBytes: 501 }], INT8)).toBeUndefined();
    expect(expand([{ ...good, weights: 501 }], INT8)).toBeUndefined();
    expect(expand([good], INT8.subarray(1))).toBeUndefined();
  });
});

describe('columns of the map', () => {
  it('are whole channels or whole parts of one', () => {
    expect(columnsFor(49_152, 768, 650, 1.5) % 1).toBe(0);
    for (const [total, natural] of [
      [6912, 216],
      [49_152, 768],
      [216, 27],
      [1 << 20, 4096],
    ] as const) {
      const columns = columnsFor(total, natural, 700, 1.5);
      expect(columns).toBeLessThanOrEqual(700);
      expect(Math.max(columns, natural) % Math.min(columns, natural)).toBe(0);
    }
  });

  it('are handy also where a channel is a prime', () => {
    const columns = columnsFor(4 * 9973, 9973, 600, 1.5);
    expect(columns).toBeGreaterThan(50);
    expect(columns).toBeLessThanOrEqual(600);
  });
});
