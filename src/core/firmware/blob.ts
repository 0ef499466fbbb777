/**
 * The weight blob as it lies in flash: header, tile table, tiles (docs/blob-format.md). Its other reader is
 * runtime/east_blob.c.
 */
import type { StoredTile } from '../codecs/coding';
import { codecNumbered, codecOf } from '../codecs/codecs';
import { UserError } from '../util/errors';
import { crc32 } from '../util/crc32';
import type { EncodedLayer } from './encoded-model';

/** Magic, version, tile count, total bytes, CRC-32 of these and the tile table. */
export const BLOB_HEADER_BYTES = 16;
/** Bytes of the tile table per tile. */
export const BLOB_ENTRY_BYTES = 4;
export const BLOB_VERSION = 1;

const MAGIC = 0x54534145; // "EAST", little endian
/** A codec's number is the topmost bit of an entry: this version holds those of numbers 0 and 1. */
const CODEC_UNIT = 0x80000000;
const CHECKED_HEADER_BYTES = 12;

/** Bytes of the blob that are there whatever the weights are. */
export function blobOverhead(tiles: number): number {
  return BLOB_HEADER_BYTES + BLOB_ENTRY_BYTES * tiles;
}

/** Bytes of the blob that a layer takes: its tiles as they are stored, and their entries of the tile table. */
export function layerBlobBytes(stored: number, tiles: number): number {
  return stored + BLOB_ENTRY_BYTES * tiles;
}

/** The tiles of all layers, in the order of the layers. Throws UserError beyond 65,535 tiles. */
export function writeBlob(layers: readonly Pick<EncodedLayer, 'tiles'>[]): Uint8Array {
  const tiles = layers.flatMap((layer) => layer.tiles);
  if (tiles.length > 0xffff) {
    throw new UserError(
      `The weights are cut into ${tiles.length} tiles, at most 65,535 are possible: raise budget.ram.`,
    );
  }
  const overhead = blobOverhead(tiles.length);
  const total = tiles.reduce((sum, tile) => sum + tile.stored.length, overhead);
  const blob = new Uint8Array(total);
  const view = new DataView(blob.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, BLOB_VERSION, true);
  view.setUint16(6, tiles.length, true);
  view.setUint32(8, total, true);
  let offset = overhead;
  tiles.forEach((tile, i) => {
    const entry = tile.stored.length + codecOf(tile.codec).number * CODEC_UNIT;
    view.setUint32(BLOB_HEADER_BYTES + BLOB_ENTRY_BYTES * i, entry, true);
    blob.set(tile.stored, offset);
    offset += tile.stored.length;
  });
  view.setUint32(CHECKED_HEADER_BYTES, headerChecksum(blob, overhead), true);
  return blob;
}

/** What is stored of each tile, in blob order; views into `blob`. Throws UserError where header or table is damaged. */
export function readBlob(blob: Uint8Array): StoredTile[] {
  const damaged = (what: string): never => {
    throw new UserError(`The weight blob is damaged: ${what}. Regenerate it.`);
  };
  if (blob.length < BLOB_HEADER_BYTES) damaged(`${blob.length} bytes hold no header`);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== MAGIC) damaged('it does not begin with "EAST"');
  const version = view.getUint16(4, true);
  if (version !== BLOB_VERSION) damaged(`version ${version} instead of ${BLOB_VERSION}`);
  if (view.getUint32(8, true) !== blob.length) {
    damaged(`${blob.length} bytes instead of ${view.getUint32(8, true)}`);
  }
  const count = view.getUint16(6, true);
  const overhead = blobOverhead(count);
  if (overhead > blob.length) damaged(`${count} tiles do not fit`);
  if (view.getUint32(CHECKED_HEADER_BYTES, true) !== headerChecksum(blob, overhead)) {
    damaged('the checksum of its header does not match');
  }
  let offset = overhead;
  const tiles = Array.from({ length: count }, (_, i): StoredTile => {
    const entry = view.getUint32(BLOB_HEADER_BYTES + BLOB_ENTRY_BYTES * i, true);
    const bytes = entry % CODEC_UNIT;
    if (bytes > blob.length - offset) damaged(`tile ${i} reaches beyond the end`);
    const stored = blob.subarray(offset, offset + bytes);
    offset += bytes;
    return { codec: codecNumbered(Math.floor(entry / CODEC_UNIT)).id, stored };
  });
  if (offset !== blob.length) damaged(`${blob.length - offset} bytes behind the last tile`);
  return tiles;
}

function headerChecksum(blob: Uint8Array, overhead: number): number {
  return crc32(blob.subarray(0, CHECKED_HEADER_BYTES), blob.subarray(BLOB_HEADER_BYTES, overhead));
}
