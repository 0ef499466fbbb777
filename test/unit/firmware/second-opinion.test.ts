import { describe, expect, it } from 'vitest';
import { codingsOf } from '../../../src/core/codecs/choice';
import { CODECS } from '../../../src/core/codecs/codecs';
import { layerCodings } from '../../../src/core/codecs/coding';
import { writeBlob } from '../../../src/core/firmware/blob';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import {
  representation,
  type EncodedModel,
  type Tile,
} from '../../../src/core/firmware/encoded-model';
import { requireSecondOpinion } from '../../../src/core/firmware/second-opinion';
import { loadModel } from '../../../src/core/models/models';
import { planMemory } from '../../../src/core/plan/memory';
import { randomModel } from './random-model';

const { graph } = loadModel({ architecture: 'lenet5', input: [16, 16, 1], classes: 4 });
const plan = planMemory(graph, 3000);
const formats = { conv1: 'int8', conv2: 'int4', dense1: 'ternary', dense2: 'int8' } as const;
const model = randomModel(graph, 1, 0.7, formats, plan);
const codecs = { conv1: 'entropy', conv2: 'entropy', dense1: 'entropy', dense2: 'lz4' };
const encodings = {
  'LZ4 blocks': encodeModel(model, plan, layerCodings(formats)),
  'both codecs': encodeModel(model, plan, codingsOf(formats, codecs, {}, ['lz4', 'entropy'])),
};

/** With every tile changed that `change` gives another of. */
function changed(encoded: EncodedModel, change: (tile: Tile) => Tile): EncodedModel {
  const layers = encoded.layers.map((layer) => ({ ...layer, tiles: layer.tiles.map(change) }));
  return { ...encoded, layers, blob: writeBlob(layers) };
}

function complaint(encoded: EncodedModel): string | undefined {
  try {
    requireSecondOpinion(encoded);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe.each(Object.entries(encodings))('the second opinion on %s', (name, encoded) => {
  const tiles = encoded.layers.flatMap((layer) => layer.tiles);
  const used = [...new Set(tiles.map(({ codec }) => codec))];

  it('agrees with what was encoded', () => {
    expect(used).toContain(name === 'both codecs' ? 'entropy' : 'lz4');
    expect(complaint(encoded)).toBeUndefined();
  });

  it.each(used)('tells of a changed block of %s, with the block', (codec) => {
    const target = tiles.find((tile) => tile.codec === codec)!;
    let told = 0;
    let tried = 0;
    for (let at = 0; at < target.stored.length; at += Math.ceil(target.stored.length / 40)) {
      const stored = target.stored.slice();
      stored[at]! ^= 0x11;
      const damaged = changed(encoded, (tile) => (tile === target ? { ...tile, stored } : tile));
      const message = complaint(damaged);
      tried++;
      // A match of zeros from elsewhere in a run of zeros is the same to all.
      if (message === undefined) continue;
      told++;
      expect(message).toMatch(
        new RegExp(
          `^a fault of EAST's: tile \\d+ of layer \\w+, by the codec ${codec}, does not hold its weights`,
        ),
      );
      expect(message).toContain(Buffer.from(stored).toString('base64'));
    }
    expect(told).toBeGreaterThan(codec === 'lz4' ? tried / 2 : tried - 1);
  });

  it('tells of a blob that does not hold the tiles, and of a layer that nothing holds', () => {
    const other = encoded.blob.slice();
    other[other.length - 1]! ^= 1;
    expect(complaint({ ...encoded, blob: other })).toMatch(/the blob does not hold the tiles/);
    const fewer = encoded.layers.slice(1);
    expect(complaint({ ...encoded, layers: fewer, blob: writeBlob(fewer) })).toBe(
      `no tiles hold the weights of layer ${encoded.layers[0]!.name}`,
    );
  });

  it('tells of weights that are missing', () => {
    const shorter = { ...encoded, layers: encoded.layers.map((l) => ({ ...l, tiles: [] })) };
    expect(complaint(shorter)).toMatch(/hold 0 of \d+ weights/);
  });
});

it('hears lz4js where the codec’s own decoder is content', () => {
  const weights = Int8Array.from({ length: 64 }, (_, i) => (i < 40 ? 0 : i));
  const stored = CODECS.lz4.encode(new Uint8Array(64), {});
  const tile = { firstChannel: 0, channels: 1, weights: 64, codec: 'lz4', stored };
  const layers = [{ name: 'l', representation: representation('int8'), tiles: [tile] }];
  // A decoder that is wrong about what the encoder wrote, as if both had the same fault.
  const both = { ...CODECS, lz4: { ...CODECS.lz4, decode: () => new Uint8Array(weights.buffer) } };
  const { graph: empty } = model;
  const network = {
    graph: empty,
    tensors: {},
    layers: { l: { ...model.layers['conv1']!, weights } },
  };
  expect(() => {
    requireSecondOpinion({ model: network, layers, blob: stored }, both);
  }).toThrow(/lz4js decodes byte 40 as 0, the network has 40/);
});
