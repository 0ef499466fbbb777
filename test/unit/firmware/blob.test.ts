import { describe, expect, it } from 'vitest';
import { blobOverhead, readBlob, writeBlob } from '../../../src/core/firmware/blob';
import { crc32 } from '../../../src/core/util/crc32';
import type { Tile } from '../../../src/core/firmware/encoded-model';
import { decodeTile, layerCodings } from '../../../src/core/codecs/coding';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { planMemory } from '../../../src/core/plan/memory';
import { weightedLayers } from '../../../src/core/graph/graph';
import { loadModel } from '../../../src/core/models/models';
import { UserError } from '../../../src/core/util/errors';
import { WEIGHT_FORMATS } from '../../../src/core/formats/formats';
import { packedBytes } from '../../../src/core/formats/packing';
import { randomModel } from './random-model';

function tile(codec: string, ...stored: number[]): Tile {
  return { firstChannel: 0, channels: 1, weights: 9, codec, stored: Uint8Array.from(stored) };
}

const layers = [
  { tiles: [tile('lz4', 1, 2, 3), tile('raw', 4)] },
  { tiles: [tile('raw'), tile('lz4', 5, 6)] },
];

describe('the weight blob', () => {
  it('has the bytes that docs/blob-format.md shows', () => {
    const blob = writeBlob(layers);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(blob.subarray(0, 12))).toBe('454153540100040026000000');
    expect(hex(blob.subarray(16))).toBe(
      '03000080' + '01000000' + '00000000' + '02000080' + '010203040506',
    );
    const view = new DataView(blob.buffer);
    expect(view.getUint32(12, true)).toBe(crc32(blob.subarray(0, 12), blob.subarray(16, 32)));
    expect(blobOverhead(4)).toBe(16 + 16);
  });

  it('reads back what was written', () => {
    const tiles = layers.flatMap((layer) => layer.tiles);
    expect(readBlob(writeBlob(layers))).toEqual(
      tiles.map(({ codec, stored }) => ({ codec, stored })),
    );
    expect(readBlob(writeBlob([]))).toEqual([]);
  });

  it('refuses every changed byte of header and table, and every truncation', () => {
    const blob = writeBlob(layers);
    const accepted: string[] = [];
    for (let i = 0; i < blobOverhead(4); i++) {
      for (let change = 1; change < 256; change++) {
        const damaged = blob.slice();
        damaged[i]! ^= change;
        try {
          readBlob(damaged);
          accepted.push(`byte ${i} changed by ${change}`);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
        }
      }
    }
    expect(accepted).toEqual([]);
    for (let length = 0; length < blob.length; length++) {
      expect(() => readBlob(blob.subarray(0, length))).toThrow(/damaged/);
    }
  });

  it('computes CRC-32 as everybody does', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(Buffer.from('1234'), Buffer.from('56789'))).toBe(0xcbf43926);
    expect(crc32()).toBe(0);
  });
});

describe('encodeModel', () => {
  const graph = loadModel({ architecture: 'lenet5', input: [28, 28, 1], classes: 10 }).graph;

  it.each([0, 0.5, 0.9])('keeps every weight, at %s sparsity', (sparsity) => {
    const model = randomModel(graph, 1, sparsity);
    const encoded = encodeModel(model, planMemory(graph, 9000));
    for (const layer of encoded.layers) {
      const raw = layer.tiles.map((t) => Uint8Array.from(decodeTile(t, t.weights, 'int8')));
      const all = Buffer.concat(raw);
      expect(all.equals(Buffer.from(model.layers[layer.name]!.weights))).toBe(true);
      for (const t of layer.tiles) {
        if (t.codec === 'lz4') expect(t.stored.length).toBeLessThan(t.weights);
        else expect(t.stored.length).toBe(t.weights);
      }
    }
    const tiles = encoded.layers.flatMap((l) => l.tiles);
    const read = readBlob(encoded.blob);
    expect(read.map((t) => t.codec)).toEqual(tiles.map((t) => t.codec));
    expect(read.every((t, i) => Buffer.compare(t.stored, tiles[i]!.stored) === 0)).toBe(true);
  });

  it.each(WEIGHT_FORMATS)('keeps every weight packed as %s', (format) => {
    const formats = Object.fromEntries(weightedLayers(graph).map(({ name }) => [name, format]));
    for (const sparsity of [0, 0.9]) {
      const plan = planMemory(graph, 9000);
      const model = randomModel(graph, 1, sparsity, formats, plan);
      const encoded = encodeModel(model, plan, layerCodings(formats));
      for (const layer of encoded.layers) {
        expect(layer.representation.packing).toBe(format);
        const raw = layer.tiles.map((t) => {
          expect(t.stored.length).toBeLessThanOrEqual(packedBytes(t.weights, format));
          return Uint8Array.from(decodeTile(t, t.weights, format));
        });
        const all = Buffer.concat(raw);
        expect(all.equals(Buffer.from(model.layers[layer.name]!.weights))).toBe(true);
      }
    }
  });

  it('refuses a weight that its format does not have', () => {
    const model = randomModel(graph, 1, 0);
    expect(() => encodeModel(model, planMemory(graph), layerCodings({ conv1: 'int4' }))).toThrow(
      /beyond the ±7 of int4/,
    );
  });

  it('stores raw what does not shrink', () => {
    const encoded = encodeModel(randomModel(graph, 1, 0), planMemory(graph));
    expect(encoded.layers[0]!.tiles[0]!.codec).toBe('raw');
  });
});
