/**
 * A codec that src/ does not know goes all the way: it encodes a model's tiles, is asked by the selection what zeros and
 * levels cost, lies in the blob and in the run's folder, and is shown and emitted (on the chip: test/firmware).
 */
import { describe, expect, it } from 'vitest';
import { decodeTile } from '../../../src/core/codecs/coding';
import { segmentsOf } from '../../../src/core/codecs/segments';
import { selectEast, selectMagnitude } from '../../../src/core/east/select';
import { maskedBytes } from '../../../src/core/east/stored-bytes';
import { distortion } from '../../../src/core/east/objective';
import { readBlob } from '../../../src/core/firmware/blob';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import { loadModel } from '../../../src/core/models/models';
import { planMemory } from '../../../src/core/plan/memory';
import * as modelFile from '../../../src/core/run/model-file';
import { symbolLayer } from '../../../src/core/train/loop/pruning';
import { createRandom } from '../../../src/core/util/random';
import { nibble, nibbleTable } from '../../fixtures/codecs/nibble/codec';
import {
  NIBBLE_SEGMENTERS,
  nibbleCodings,
  textOf,
  WITH_NIBBLE,
} from '../../fixtures/codecs/nibble/set';
import { emitRandom, randomModel } from '../firmware/random-model';

const { graph } = loadModel({ architecture: 'lenet5', input: [28, 28, 1], classes: 10 });
const { codecs } = WITH_NIBBLE;

describe('a made-up codec', () => {
  it('stores a model’s weights and gives them back, from the tiles, the blob and the run’s file', () => {
    for (const formats of [{}, { conv1: 'int4', dense1: 'ternary' }] as const) {
      const plan = planMemory(graph, 9000);
      const model = randomModel(graph, 1, 0.7, formats, plan);
      const encoded = encodeModel(model, plan, nibbleCodings(model, formats), codecs);
      const tiles = encoded.layers.flatMap((layer) => layer.tiles);
      expect(new Set(tiles.map(({ codec }) => codec))).toContain('nibble');
      for (const layer of encoded.layers) {
        const codes = layer.tiles.flatMap((tile) => [
          ...decodeTile(tile, tile.weights, layer.representation.packing, codecs),
        ]);
        expect(Int8Array.from(codes)).toEqual(model.layers[layer.name]!.weights);
      }
      expect(readBlob(encoded.blob, codecs)).toEqual(
        tiles.map(({ codec, stored, table }) => ({ codec, stored, ...(table ? { table } : {}) })),
      );
      const info = {
        normalization: { kind: 'uint8', mean: [1], std: [2] },
        task: 'classification',
        outputNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
      } as const;
      const file = modelFile.encodeModel(encoded, info);
      expect(modelFile.decodeModel(file, 'f', codecs).encoded).toEqual(encoded);
      expect(() => modelFile.decodeModel(file, 'f')).toThrow(
        /stored by the codec nibble, which this version of EAST does not know; train it again/,
      );
    }
  });

  it('is asked what zeros and levels cost, weight by weight', () => {
    const random = createRandom(4);
    const weights = Float32Array.from({ length: 6000 }, () => random.normal() * 12);
    const codes = Int8Array.from(weights, Math.round);
    const saliency = weights.map((w) => w * w);
    // A table of small codes: larger ones are three times as dear.
    const table = nibbleTable([codes.filter((code) => Math.abs(code) < 8)]);
    const coding = { codec: nibble, format: 'int8', options: { table } } as const;
    const layers = [symbolLayer('l', codes, saliency, [3000, 3000], coding)];
    expect(layers[0]).toMatchObject({ weightsPerSymbol: 1, tileSymbols: [3000, 3000] });
    const dense = maskedBytes(layers, [new Uint8Array(6000).fill(1)]).total;
    const budget = Math.floor(0.75 * dense);
    const east = selectEast(layers, budget);
    expect(east.storedBytes).toBe(maskedBytes(layers, east.masks).total);
    expect(east.storedBytes).toBeLessThanOrEqual(budget);
    expect(east.storedBytes).toBeGreaterThan(0.97 * budget);
    // What magnitude prunes are small codes, whose zeros save nothing.
    expect(distortion(layers, east.masks)).toBeLessThan(
      0.8 * distortion(layers, selectMagnitude(layers, budget).masks),
    );
    const [mask] = east.masks;
    const pruned = codes.filter((code, i) => mask![i] === 0 && code !== 0);
    expect(pruned.every((code) => !table.includes(code & 255))).toBe(true);
  });

  it('is emitted with the reader of its blob, its C file and no other codec’s', () => {
    const { files, encoded } = emitRandom(graph, {
      sparsity: 0.8,
      codings: nibbleCodings,
      codecs: WITH_NIBBLE,
      textOf,
    });
    const used = new Set(encoded.layers.flatMap(({ tiles }) => tiles.map(({ codec }) => codec)));
    const sources = [...files.keys()];
    expect(sources).toContain('unit_blob_v2.c');
    expect(sources).not.toContain('unit_blob.c');
    expect(sources).toContain('unit_read_nibble.c');
    expect(sources.includes('unit_read_raw.c')).toBe(used.has('raw'));
    expect(sources.filter((file) => file.includes('lz4'))).toEqual([]);
    expect(files.get('unit_model.c')).toContain('{unit_read_nibble, 200},');
    expect(files.get('unit.cmake')).toContain('unit_read_nibble.c');
  });

  it('says what the weight map is to show', () => {
    const stored = nibble.encode(Uint8Array.of(1, 2, 3), {});
    const tile = { codec: 'nibble', stored };
    expect(segmentsOf(tile, 3, NIBBLE_SEGMENTERS)).toEqual([
      { kind: 'literal', symbols: 3, offset: 0 },
    ]);
    expect(() => segmentsOf(tile, 3)).toThrow(/codec nibble/);
  });
});
