import { describe, expect, it } from 'vitest';
import { encodeTile } from '../../../src/core/codecs/entropy/encode';
import { encodeBlock } from '../../../src/core/codecs/lz4/encode';
import { layerCodings } from '../../../src/core/codecs/coding';
import { planMemory } from '../../../src/core/plan/memory';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { buildGraph } from '../../../src/core/graph/build';
import {
  channelOf as channelInGraph,
  weightedLayers,
  weightOrder,
} from '../../../src/core/graph/graph';
import { representation } from '../../../src/core/firmware/encoded-model';
import { WEIGHT_FORMATS, type WeightFormat } from '../../../src/core/formats/formats';
import { packWeights, weightsPerByte } from '../../../src/core/formats/packing';
import {
  layerWeights,
  weightMapOf,
  type LayerWeights,
} from '../../../src/extension/dashboard/weights';
import { SEGMENT_KINDS } from '../../../src/protocol/dashboard';
import {
  channelOf,
  columnsFor,
  expand,
  naturalLength,
  segmentAt,
  type Cells,
} from '../../../webview/weight-cells';
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

function model(codec: string, stored: Uint8Array, weights: number, format: WeightFormat = 'int8') {
  const tile = { firstChannel: 0, channels: 1, weights, codec, stored };
  return { layers: [{ name: 'l', representation: representation(format), tiles: [tile, tile] }] };
}

/** Of a layer of two tiles that hold the same. */
function cellsOf(tiles: LayerWeights): Cells {
  const cells = expand(tiles.tiles, tiles.codes, tiles.weightsPerByte);
  if (cells === undefined) throw new Error('contradiction');
  return cells;
}

describe('weights of a block', () => {
  it('are runs of zeros and coded ones where an entropy coder stores them', () => {
    const codes = Int8Array.of(
      ...new Array<number>(30).fill(0),
      1,
      0,
      -1,
      1,
      ...new Array<number>(9).fill(0),
    );
    const stored = encodeTile(new Uint8Array(codes.buffer));
    const cells = cellsOf(layerWeights(model('entropy', stored, codes.length, 'ternary'), 'l'));
    expect([...cells.values.subarray(0, codes.length)]).toEqual([...codes]);
    expect(cells.counts).toMatchObject({ zeros: 78, coded: 8, literal: 0, match: 0, raw: 0 });
    expect(cells).toMatchObject({ codedWeights: 86, codedBytes: 2 * stored.length });
    expect(cells).toMatchObject({ matches: 0, literalBytes: 0 });
    // A zero is the most frequent level and has the shortest code; all codes together are what the tile takes, but for
    // its table and what the state rounds to.
    const [shortest, longest] = cells.bitsRange!;
    expect([...cells.bits.subarray(0, 30)]).toEqual(new Array(30).fill(shortest));
    expect(cells.bits[30]).toBeGreaterThan(1);
    expect(cells.bits[30]).toBeLessThanOrEqual(longest);
    const codeBytes = cells.bits.reduce((sum, bits) => sum + bits, 0) / 8;
    expect(codeBytes).toBeLessThan(2 * stored.length);
    expect(codeBytes).toBeGreaterThan(2 * (stored.length - 12));
    const { tiles } = layerWeights(model('entropy', stored, codes.length, 'ternary'), 'l');
    const { weights, storedBytes, segments } = tiles[0]!;
    const without = { weights, storedBytes, segments };
    expect(expand([without, tiles[1]!], cells.values, 5)).toBeUndefined();
    expect(segmentAt(cells, 31)).toMatchObject({ start: 30, end: 34, kind: 'coded', offset: 0 });
    expect(segmentAt(cells, 40)).toMatchObject({ start: 34, end: 43, kind: 'zeros', offset: 0 });
  });

  it('are in segments that repeat what they say, for blocks of every kind', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const raw = bytes(seed * 37, seed);
      const cells = cellsOf(layerWeights(model('lz4', encodeBlock(raw), raw.length), 'l'));
      expect(new Uint8Array(cells.values.buffer)).toEqual(Uint8Array.of(...raw, ...raw));
      cells.values.forEach((value, i) => {
        const { start, end, kind, offset } = segmentAt(cells, i);
        expect(start <= i && i < end).toBe(true);
        if (kind === 'zeros') expect(value).toBe(0);
        if (kind === 'match') expect(value).toBe(cells.values[i - offset]);
      });
    }
  });

  it('of a damaged block are refused', () => {
    expect(() => layerWeights(model('lz4', Uint8Array.of(0x10), 1), 'l')).toThrow(
      /damaged LZ4 block/,
    );
  });

  it('of few bits have segments of whole bytes', () => {
    const weights = Int8Array.from({ length: 41 }, (_, i) => (i < 3 || i === 40 ? 1 : 0));
    const block = encodeBlock(packWeights(weights, 'int4'));
    const cells = cellsOf(layerWeights(model('lz4', block, 41, 'int4'), 'l'));
    // Bytes 0x11 0x01 0x00, a match of zeros one byte back, and five literals of which the last holds one weight.
    expect(segmentAt(cells, 0)).toMatchObject({ start: 0, end: 6, kind: 'literal' });
    expect(segmentAt(cells, 6)).toMatchObject({ start: 6, end: 32, kind: 'zeros', offset: 2 });
    expect(segmentAt(cells, 40)).toMatchObject({ start: 32, end: 41, kind: 'literal' });
    expect(cells.counts).toEqual({ literal: 30, zeros: 52, match: 0, raw: 0, coded: 0 });
    expect(cells.literalBytes).toBe(16);
  });

  it('know their segment', () => {
    const raw = Uint8Array.from([7, ...new Array<number>(30).fill(0), 1, 2, 3, 4, 5, 6]);
    const cells = cellsOf(layerWeights(model('lz4', encodeBlock(raw), raw.length), 'l'));
    expect(segmentAt(cells, 0)).toMatchObject({ start: 0, kind: 'literal', tile: 0 });
    expect(segmentAt(cells, 5)).toMatchObject({ start: 2, end: 31, kind: 'zeros', offset: 1 });
    expect(segmentAt(cells, raw.length + 5)).toMatchObject({ kind: 'zeros', tile: 1 });
    expect(cells.counts.zeros).toBe(2 * 29);
    expect(cells.counts.literal + cells.counts.zeros + cells.counts.match).toBe(2 * raw.length);
  });
});

describe('weights of a layer', () => {
  it('are those of the model, tile by tile', () => {
    const encoded = encodedModel();
    const layer = layerWeights(encoded, 'conv');
    expect(layer.tiles).toEqual([
      {
        weights: 18,
        storedBytes: 18,
        segments: Uint32Array.of(SEGMENT_KINDS.indexOf('raw'), 18, 0),
      },
    ]);
    expect(cellsOf(layer).values).toEqual(encoded.model.layers['conv']!.weights);
    expect(() => layerWeights(encoded, 'gone')).toThrow(/no layer gone/);
  });

  it('come with the channel that each belongs to, whatever the kind of the layer', () => {
    const graph = buildGraph({
      input: [6, 6, 2],
      classes: 4,
      layers: [
        { type: 'conv2d', name: 'c', filters: 3, kernel: 3 },
        { type: 'depthwiseConv2d', name: 'w', kernel: 3 },
        { type: 'dense', name: 'd', units: 4 },
      ],
    });
    const plan = planMemory(graph);
    const encoded = encodeModel(randomModel(graph, 5, 0.5, {}, plan), plan);
    for (const layer of weightedLayers(graph)) {
      const { order, codes } = weightMapOf(encoded, layer.name);
      const inCore = weightOrder(layer);
      codes.forEach((_, i) => expect(channelOf(order, i)).toBe(channelInGraph(inCore, i)));
      expect(codes.length % naturalLength(order)).toBe(0);
    }
    expect(naturalLength(weightMapOf(encoded, 'c').order)).toBe(18);
    expect(naturalLength(weightMapOf(encoded, 'w').order)).toBe(3);
    expect(() => weightMapOf(encoded, 'gone')).toThrow(/no layer gone/);
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
    const kinds = new Set<string>();
    for (const sparsity of [0, 0.6, 0.95]) {
      const plan = planMemory(graph, 1900);
      const random = randomModel(graph, 3, sparsity, formats, plan);
      const encoded = encodeModel(random, plan, layerCodings(formats));
      for (const name of ['c', 'd']) {
        const cells = cellsOf(layerWeights(encoded, name));
        expect(cells.values).toEqual(random.layers[name]!.weights);
        expect(cells.weightsPerByte).toBe(weightsPerByte(format));
        expect(Object.values(cells.counts).reduce((a, b) => a + b, 0)).toBe(cells.values.length);
        cells.values.forEach((value, i) => {
          const { start, end, kind, offset } = segmentAt(cells, i);
          kinds.add(kind);
          expect(start <= i && i < end).toBe(true);
          if (kind === 'zeros') expect(value).toBe(0);
          if (kind === 'match') expect(value).toBe(cells.values[i - offset]);
        });
      }
    }
    for (const kind of ['raw', 'literal', 'zeros']) expect(kinds).toContain(kind);
  });

  it('that contradict themselves are refused', () => {
    const raw = bytes(500, 3);
    const { tiles, codes } = layerWeights(model('lz4', encodeBlock(raw), 500), 'l');
    const [literal, zeros] = [SEGMENT_KINDS.indexOf('literal'), SEGMENT_KINDS.indexOf('zeros')];
    const one = codes.subarray(500);
    const broken = (...segments: number[]) =>
      expand([{ ...tiles[0]!, segments: Uint32Array.from(segments) }], one, 1);
    expect(broken(literal, 500, 0)).toBeDefined();
    expect(broken(literal, 1, 0, zeros, 4, 2, literal, 495, 0)).toBeUndefined();
    expect(broken(literal, 9999, 0)).toBeUndefined();
    expect(broken(literal, 1, 0, zeros, 9999, 1)).toBeUndefined();
    expect(broken(literal, 3, 0)).toBeUndefined();
    expect(broken(literal, 500, 1)).toBeUndefined();
    expect(broken(literal, 1, 0, zeros, 499, 0)).toBeUndefined();
    expect(broken(99, 500, 0)).toBeUndefined();
    expect(broken(literal, 500)).toBeUndefined();
    expect(expand([{ ...tiles[0]!, weights: 501 }], one, 1)).toBeUndefined();
    expect(expand(tiles, one, 1)).toBeUndefined();
    expect(expand(tiles, codes, 0)).toBeUndefined();
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
