/**
 * Before anything is written, what was encoded is decoded by somebody else and held against the network: LZ4 blocks by
 * lz4js, all others by their codec's plain decoder. What differs is a fault of EAST's, told with the block, so that it can be
 * mended; the file is not written.
 */
import { decodeByLz4js } from '../codecs/lz4/lz4js-decoder';
import { CODECS, type Codecs } from '../codecs/codecs';
import { decodeTile } from '../codecs/coding';
import { packWeights } from '../formats/packing';
import { holdsTiles } from './blob';
import type { EncodedLayer, EncodedModel, Tile } from './encoded-model';

/** Of a block that is told, bytes. */
const MOST_SHOWN = 32 * 1024;

/** Throws Error, which is a bug report, where a tile does not hold its weights. */
export function requireSecondOpinion(encoded: EncodedModel, codecs: Codecs = CODECS): void {
  const stored = new Set(encoded.layers.map(({ name }) => name));
  const missing = Object.keys(encoded.model.layers).find((name) => !stored.has(name));
  if (missing !== undefined) throw new Error(`no tiles hold the weights of layer ${missing}`);
  for (const layer of encoded.layers) {
    const weights = encoded.model.layers[layer.name]?.weights ?? new Int8Array(0);
    let offset = 0;
    for (const [i, tile] of layer.tiles.entries()) {
      const own = weights.subarray(offset, (offset += tile.weights));
      const difference = differenceOf(layer, tile, own, codecs);
      if (difference !== undefined) throw bugReport(layer.name, i, tile, difference);
    }
    if (offset !== weights.length) {
      throw new Error(
        `the tiles of layer ${layer.name} hold ${offset} of ${weights.length} weights`,
      );
    }
  }
  // What is written are not the tiles but the blob.
  if (!holdsTiles(encoded.blob, encoded.layers, codecs)) {
    throw new Error("a fault of EAST's: the blob does not hold the tiles. Nothing was written.");
  }
}

function differenceOf(
  { representation: { packing } }: EncodedLayer,
  tile: Tile,
  weights: Int8Array,
  codecs: Codecs,
): string | undefined {
  const { codec, stored } = tile;
  try {
    const decoded = decodeTile(tile, tile.weights, packing, codecs);
    const at = decoded.findIndex((weight, i) => weight !== weights[i]);
    if (decoded.length !== weights.length || at >= 0) {
      return `weight ${at} is decoded as ${decoded[at]}, the network has ${weights[at]}`;
    }
    if (codec !== CODECS.lz4.id) return undefined;
    const packed = packWeights(weights, packing);
    const bytes = decodeByLz4js(stored, packed.length);
    if (bytes.length !== packed.length) {
      return `lz4js decodes ${bytes.length} bytes or more, the network has ${packed.length}`;
    }
    const byte = packed.findIndex((value, i) => value !== bytes[i]);
    return byte < 0
      ? undefined
      : `lz4js decodes byte ${byte} as ${bytes[byte]}, the network has ${packed[byte]}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function bugReport(layer: string, index: number, tile: Tile, difference: string): Error {
  const { codec, stored, table } = tile;
  const text = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(0, MOST_SHOWN)).toString('base64');
  return new Error(
    `a fault of EAST's: tile ${index} of layer ${layer}, by the codec ${codec}, does not hold its weights (${difference}). ` +
      'Nothing was written. Please report this message as it is; the block, base64, is ' +
      `${stored.length} bytes: ${text(stored)}` +
      (table === undefined ? '' : `; its table: ${text(table)}`),
  );
}
