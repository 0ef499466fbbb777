import { describe, expect, it } from 'vitest';
import {
  blobHeaderBytes,
  blobOverhead,
  blobVersion,
  readBlob,
  writeBlob,
} from '../../../src/core/firmware/blob';
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
import { createRandom } from '../../../src/core/util/random';
import { WITH_NIBBLE } from '../../fixtures/codecs/nibble/set';
import { randomModel } from './random-model';
import { defined } from '../../../src/core/util/defined';

function tile(codec: string, ...stored: number[]): Tile {
  return { firstChannel: 0, channels: 1, weights: 9, codec, stored: Uint8Array.from(stored) };
}

const layers = [
  { tiles: [tile('lz4', 1, 2, 3), tile('raw', 4)] },
  { tiles: [tile('raw'), tile('lz4', 5, 6)] },
];

const table = Uint8Array.of(7, 8, 9);
const other = Uint8Array.of(10);
/** Of three codings: one with a table, LZ4, and the first codec with another table. */
const mixed = [
  { tiles: [{ ...tile('nibble', 1, 2), table }, tile('lz4', 3)] },
  {
    tiles: [
      { ...tile('nibble', 4), table: other },
      { ...tile('nibble', 5), table: Uint8Array.from(table) },
    ],
  },
];
const { codecs } = WITH_NIBBLE;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the weight blob', () => {
  it('has the bytes that docs/blob-format.md shows', () => {
    const blob = writeBlob(layers);
    expect(blobVersion(layers)).toBe(1);
    expect(hex(blob.subarray(0, 12))).toBe('454153540100040026000000');
    expect(hex(blob.subarray(16))).toBe(
      '03000080' + '01000000' + '00000000' + '02000080' + '010203040506',
    );
    const view = new DataView(blob.buffer);
    expect(view.getUint32(12, true)).toBe(crc32(blob.subarray(0, 12), blob.subarray(16, 32)));
    expect(blobOverhead(4)).toBe(16 + 16);
    expect(blobHeaderBytes(layers)).toBe(16);
  });

  it('has those of version 2 where a tile has another codec or a table', () => {
    const blob = writeBlob(mixed, codecs);
    expect(blobVersion(mixed, codecs)).toBe(2);
    expect(hex(blob.subarray(0, 12))).toBe('454153540200040039000000');
    expect(hex(blob.subarray(16))).toBe(
      // Three codings: number 200 with a table of 3 bytes, LZ4 without, 200 with one of 1 byte.
      '03000000' +
        '030000c8' +
        '00000001' +
        '010000c8' +
        // Tiles: bytes, and which coding.
        '02000000' +
        '01000001' +
        '01000002' +
        '01000000' +
        // The tables, the tiles.
        '070809' +
        '0a' +
        '0102' +
        '03' +
        '04' +
        '05',
    );
    const view = new DataView(blob.buffer);
    expect(view.getUint32(12, true)).toBe(crc32(blob.subarray(0, 12), blob.subarray(16, 52)));
    expect(blobHeaderBytes(mixed, codecs)).toBe(20 + 12 + 4);
    // A table alone makes the difference, too.
    expect(blobVersion([{ tiles: [{ ...tile('lz4', 1), table }] }])).toBe(2);
  });

  it.each([
    ['1', layers],
    ['2', mixed],
    ['1, empty', []],
    ['2, of a codec without a table', [{ tiles: [tile('nibble', 1)] }]],
  ])('reads back what was written, version %s', (_, written) => {
    const tiles = written.flatMap((layer) => layer.tiles);
    expect(readBlob(writeBlob(written, codecs), codecs)).toEqual(
      tiles.map(({ codec, stored, ...rest }) => {
        const table = 'table' in rest ? rest.table : undefined;
        return { codec, stored, ...defined({ table }) };
      }),
    );
  });

  it('names a codec that it does not know', () => {
    expect(() => readBlob(writeBlob(mixed, codecs))).toThrow(/the codec of number 200, which this/);
    expect(() => writeBlob(mixed)).toThrow(/the codec nibble, which this version/);
  });

  it.each([
    ['1', layers, 32],
    ['2', mixed, 52],
  ])(
    'refuses every changed byte in front of the tiles, and every truncation, version %s',
    (_, written, front) => {
      const blob = writeBlob(written, codecs);
      const accepted: string[] = [];
      for (let i = 0; i < front; i++) {
        for (let change = 1; change < 256; change++) {
          const damaged = blob.slice();
          damaged[i]! ^= change;
          try {
            readBlob(damaged, codecs);
            accepted.push(`byte ${i} changed by ${change}`);
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
          }
        }
      }
      expect(accepted).toEqual([]);
      for (let length = 0; length < blob.length; length++) {
        expect(() => readBlob(blob.subarray(0, length), codecs)).toThrow(/damaged/);
      }
    },
  );

  it('of version 2 answers forged tables with an error, or with tiles that lie in it', () => {
    const random = createRandom(3);
    let accepted = 0;
    for (let n = 0; n < 3000; n++) {
      const blob = writeBlob(mixed, codecs);
      const view = new DataView(blob.buffer);
      for (let change = random.int(3); change >= 0; change--) {
        const length = random.int(n % 2 === 0 ? 6 : 0x1000000);
        view.setUint32(
          16 + 4 * random.int(8),
          length + 0x1000000 * [0, 1, 2, 200][random.int(4)]!,
          true,
        );
      }
      // Sealed again, as far as the forged tables reach.
      const front = [20, 24, 28].reduce(
        (sum, at) => sum + (view.getUint32(at, true) % 0x1000000),
        48,
      );
      if (front <= blob.length) {
        view.setUint32(12, crc32(blob.subarray(0, 12), blob.subarray(16, front)), true);
      }
      try {
        const tiles = readBlob(blob, codecs);
        accepted++;
        expect(tiles.length).toBe(4);
        for (const { stored } of tiles) expect(stored.buffer).toBe(blob.buffer);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    expect(accepted).toBeGreaterThan(10);
    expect(accepted).toBeLessThan(1500);
  });

  it('of version 2 has room for 255 codings and tiles below 16 MiB', () => {
    const tables = (count: number) => [
      {
        tiles: Array.from({ length: count }, (_, i) => ({
          ...tile('nibble', i & 255),
          table: Uint8Array.of(i & 255, i >> 8),
        })),
      },
    ];
    expect(readBlob(writeBlob(tables(255), codecs), codecs).length).toBe(255);
    expect(() => writeBlob(tables(256), codecs)).toThrow(/stored in 256 ways/);
    const huge = [{ tiles: [{ ...tile('nibble'), stored: new Uint8Array(0x1000000) }] }];
    expect(() => writeBlob(huge, codecs)).toThrow(/a tile of the weights has 16777216 bytes/i);
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
