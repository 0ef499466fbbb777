/**
 * The weight blob as it lies in flash: header, tile table, tiles (docs/blob-format.md). Version 1 holds tiles of the codecs
 * of numbers 0 and 1 and is written wherever there are no others and no shared tables; version 2 names the codec of each
 * tile. Their other readers are runtime/east_blob.c and runtime/east_blob_v2.c.
 */
import { USUAL_CODEC } from '../codecs/choice';
import type { StoredTile } from '../codecs/coding';
import { CODECS, codecNumbered, codecOf, type CodecId, type Codecs } from '../codecs/codecs';
import { UserError } from '../util/errors';
import { crc32 } from '../util/crc32';
import type { EncodedLayer } from './encoded-model';

/** Bytes of the tile table per tile, in both versions. */
export const BLOB_ENTRY_BYTES = 4;

/** Magic, version, tile count, total bytes, CRC-32 of these and of what follows up to the tiles. */
const HEADER_BYTES = 16;
const CHECKSUM_OFFSET = 12;
/** Of version 2, behind the header: the number of codings. */
const CODING_COUNT_BYTES = 4;
const CODING_BYTES = 4;
const MAX_TILES = 0xffff;
const MAX_CODINGS = 0xff;

const MAGIC = 0x54534145; // "EAST", little endian
/** Version 1: the topmost bit of an entry is the number of the tile's codec, the rest its bytes. */
const CODEC_UNIT = 0x80000000;
/** Version 2: the topmost byte of an entry is the number of a codec or of a coding, the rest a length. */
const NUMBER_UNIT = 0x1000000;

type Layers = readonly Pick<EncodedLayer, 'tiles'>[];

/**
 * Bytes of a blob that are there whatever the weights are, at most: tiles are raw or stored by one of the codecs, without
 * shared tables, which are there only where they save more than they take.
 */
export function blobOverhead(tiles: number, codecs: readonly CodecId[] = [USUAL_CODEC]): number {
  const first = codecs.every((codec) => CODECS[codec].number <= 1);
  const codings = codecs.length + 1;
  const between = first ? 0 : CODING_COUNT_BYTES + CODING_BYTES * codings;
  return HEADER_BYTES + between + BLOB_ENTRY_BYTES * tiles;
}

/** Bytes that one table more takes in a blob of version 2. */
export function codingBytes(table: Uint8Array): number {
  return CODING_BYTES + table.length;
}

/** Bytes of the blob that a layer takes: its tiles as they are stored, and their entries of the tile table. */
export function layerBlobBytes(stored: number, tiles: number): number {
  return stored + BLOB_ENTRY_BYTES * tiles;
}

/** Bytes of the blob that belong to no layer: all but the tiles and their entries. */
export function blobHeaderBytes(layers: Layers, codecs: Codecs = CODECS): number {
  const tiles = layers.flatMap((layer) => layer.tiles);
  return versionOf(tiles, codecs) === 1 ? HEADER_BYTES : secondHeaderBytes(codingsOf(tiles));
}

/** The version that the tiles' blob is written in. */
export function blobVersion(layers: Layers, codecs: Codecs = CODECS): 1 | 2 {
  return versionOf(
    layers.flatMap((layer) => layer.tiles),
    codecs,
  );
}

function versionOf(tiles: readonly StoredTile[], codecs: Codecs = CODECS): 1 | 2 {
  const first = tiles.every(
    ({ codec, table }) => codecOf(codec, codecs).number <= 1 && table === undefined,
  );
  return first ? 1 : 2;
}

/** The tiles of all layers, in the order of the layers. Throws UserError where they are too many or too large. */
export function writeBlob(layers: Layers, codecs: Codecs = CODECS): Uint8Array {
  const tiles = layers.flatMap((layer) => layer.tiles);
  if (tiles.length > MAX_TILES) {
    throw new UserError(
      `The weights are cut into ${tiles.length} tiles, at most 65,535 are possible: raise budget.ram.`,
    );
  }
  return versionOf(tiles, codecs) === 1 ? writeFirst(tiles, codecs) : writeSecond(tiles, codecs);
}

function writeFirst(tiles: readonly StoredTile[], codecs: Codecs): Uint8Array {
  const entries = tiles.map(
    ({ codec, stored }) => stored.length + codecOf(codec, codecs).number * CODEC_UNIT,
  );
  return assemble(1, tiles, entries);
}

/** A codec together with the table that tiles share; a tile's entry says which it is stored by. */
interface Coding {
  readonly codec: string;
  readonly table: Uint8Array;
}

const NO_TABLE = new Uint8Array(0);

/** Each once, in the order of the tiles. */
function codingsOf(tiles: readonly StoredTile[]): Coding[] {
  const codings: Coding[] = [];
  for (const tile of tiles) if (codingOf(codings, tile) < 0) codings.push(newCoding(tile));
  return codings;
}

function newCoding({ codec, table = NO_TABLE }: StoredTile): Coding {
  return { codec, table };
}

function codingOf(codings: readonly Coding[], { codec, table = NO_TABLE }: StoredTile): number {
  return codings.findIndex(
    (coding) =>
      coding.codec === codec &&
      coding.table.length === table.length &&
      coding.table.every((byte, i) => byte === table[i]),
  );
}

function secondHeaderBytes(codings: readonly Coding[]): number {
  return codings.reduce(
    (sum, { table }) => sum + CODING_BYTES + table.length,
    HEADER_BYTES + CODING_COUNT_BYTES,
  );
}

function writeSecond(tiles: readonly StoredTile[], codecs: Codecs): Uint8Array {
  const codings = codingsOf(tiles);
  if (codings.length > MAX_CODINGS) {
    throw new UserError(
      `The weights are stored in ${codings.length} ways, at most ${MAX_CODINGS} are possible.`,
    );
  }
  const lengths = [...codings.map(({ table }) => table), ...tiles.map(({ stored }) => stored)];
  const longest = Math.max(0, ...lengths.map(({ length }) => length));
  if (longest >= NUMBER_UNIT) {
    throw new UserError(
      `A tile of the weights has ${longest} bytes, fewer than ${NUMBER_UNIT} are possible: set budget.ram, which cuts them smaller.`,
    );
  }
  const between = new Uint8Array(CODING_COUNT_BYTES + CODING_BYTES * codings.length);
  const view = new DataView(between.buffer);
  view.setUint32(0, codings.length, true);
  codings.forEach(({ codec, table }, i) => {
    const entry = table.length + codecOf(codec, codecs).number * NUMBER_UNIT;
    view.setUint32(CODING_COUNT_BYTES + CODING_BYTES * i, entry, true);
  });
  const entries = tiles.map((tile) => tile.stored.length + codingOf(codings, tile) * NUMBER_UNIT);
  return assemble(
    2,
    tiles,
    entries,
    between,
    codings.map(({ table }) => table),
  );
}

/** Header, `between`, tile table, `tables`, tiles. */
function assemble(
  version: 1 | 2,
  tiles: readonly StoredTile[],
  entries: readonly number[],
  between = new Uint8Array(0),
  tables: readonly Uint8Array[] = [],
): Uint8Array {
  const tableStart = HEADER_BYTES + between.length;
  const sharedStart = tableStart + BLOB_ENTRY_BYTES * entries.length;
  const tilesStart = tables.reduce((sum, table) => sum + table.length, sharedStart);
  const total = tiles.reduce((sum, { stored }) => sum + stored.length, tilesStart);
  const blob = new Uint8Array(total);
  const view = new DataView(blob.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, version, true);
  view.setUint16(6, tiles.length, true);
  view.setUint32(8, total, true);
  blob.set(between, HEADER_BYTES);
  entries.forEach((entry, i) => view.setUint32(tableStart + BLOB_ENTRY_BYTES * i, entry, true));
  let offset = sharedStart;
  for (const bytes of [...tables, ...tiles.map(({ stored }) => stored)]) {
    blob.set(bytes, offset);
    offset += bytes.length;
  }
  view.setUint32(CHECKSUM_OFFSET, checksum(blob, tilesStart), true);
  return blob;
}

/** The tiles in blob order; views into `blob`. Throws UserError where header or tables are damaged. */
export function readBlob(blob: Uint8Array, codecs: Codecs = CODECS): StoredTile[] {
  if (blob.length < HEADER_BYTES) throw damaged(`${blob.length} bytes hold no header`);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw damaged('it does not begin with "EAST"');
  const version = view.getUint16(4, true);
  if (view.getUint32(8, true) !== blob.length) {
    throw damaged(`${blob.length} bytes instead of ${view.getUint32(8, true)}`);
  }
  const count = view.getUint16(6, true);
  if (version === 1) return readFirst(blob, view, count, codecs);
  if (version === 2) return readSecond(blob, view, count, codecs);
  throw damaged(`version ${version}, this version of EAST reads 1 and 2`);
}

/** Whether a blob's tiles are these, in this order. Throws UserError where header or tables are damaged. */
export function holdsTiles(blob: Uint8Array, layers: Layers, codecs: Codecs = CODECS): boolean {
  const tiles = layers.flatMap((layer) => layer.tiles);
  const stored = readBlob(blob, codecs);
  return stored.length === tiles.length && stored.every((tile, i) => sameTile(tile, tiles[i]!));
}

function sameTile(a: StoredTile, b: StoredTile): boolean {
  return (
    a.codec === b.codec &&
    Buffer.from(a.table ?? NO_TABLE).equals(b.table ?? NO_TABLE) &&
    Buffer.from(a.stored).equals(b.stored)
  );
}

function readFirst(blob: Uint8Array, view: DataView, count: number, codecs: Codecs): StoredTile[] {
  const tilesStart = HEADER_BYTES + BLOB_ENTRY_BYTES * count;
  if (tilesStart > blob.length) throw damaged(`${count} tiles do not fit`);
  checkSum(blob, view, tilesStart);
  return readTiles(blob, tilesStart, count, (i) => {
    const entry = view.getUint32(HEADER_BYTES + BLOB_ENTRY_BYTES * i, true);
    const codec = codecNumbered(Math.floor(entry / CODEC_UNIT), codecs).id;
    return { bytes: entry % CODEC_UNIT, coding: { codec } };
  });
}

function readSecond(blob: Uint8Array, view: DataView, count: number, codecs: Codecs): StoredTile[] {
  const codingsStart = HEADER_BYTES + CODING_COUNT_BYTES;
  const codingCount = blob.length < codingsStart ? 0 : view.getUint32(HEADER_BYTES, true);
  const tableStart = codingsStart + CODING_BYTES * codingCount;
  const sharedStart = tableStart + BLOB_ENTRY_BYTES * count;
  if (codingCount > MAX_CODINGS || sharedStart > blob.length) {
    throw damaged(`${codingCount} codings and ${count} tiles do not fit`);
  }
  const entryAt = (offset: number): { readonly number: number; readonly bytes: number } => {
    const entry = view.getUint32(offset, true);
    return { number: Math.floor(entry / NUMBER_UNIT), bytes: entry % NUMBER_UNIT };
  };
  let tilesStart = sharedStart;
  const codings = Array.from({ length: codingCount }, (_, i) => {
    const { number, bytes } = entryAt(codingsStart + CODING_BYTES * i);
    const table = take(blob, tilesStart, bytes, `table ${i}`);
    tilesStart += bytes;
    return { number, table };
  });
  checkSum(blob, view, tilesStart);
  return readTiles(blob, tilesStart, count, (i) => {
    const { number, bytes } = entryAt(tableStart + BLOB_ENTRY_BYTES * i);
    const coding = codings[number];
    if (coding === undefined) throw damaged(`tile ${i} names coding ${number} of ${codingCount}`);
    const codec = codecNumbered(coding.number, codecs).id;
    return {
      bytes,
      coding: coding.table.length === 0 ? { codec } : { codec, table: coding.table },
    };
  });
}

function readTiles(
  blob: Uint8Array,
  start: number,
  count: number,
  entryOf: (tile: number) => {
    readonly bytes: number;
    readonly coding: Omit<StoredTile, 'stored'>;
  },
): StoredTile[] {
  let offset = start;
  const tiles = Array.from({ length: count }, (_, i): StoredTile => {
    const { bytes, coding } = entryOf(i);
    const stored = take(blob, offset, bytes, `tile ${i}`);
    offset += bytes;
    return { ...coding, stored };
  });
  if (offset !== blob.length) throw damaged(`${blob.length - offset} bytes behind the last tile`);
  return tiles;
}

function take(blob: Uint8Array, offset: number, bytes: number, what: string): Uint8Array {
  if (bytes > blob.length - offset) throw damaged(`${what} reaches beyond the end`);
  return blob.subarray(offset, offset + bytes);
}

function checkSum(blob: Uint8Array, view: DataView, tilesStart: number): void {
  if (view.getUint32(CHECKSUM_OFFSET, true) !== checksum(blob, tilesStart)) {
    throw damaged('the checksum of its header does not match');
  }
}

function checksum(blob: Uint8Array, tilesStart: number): number {
  return crc32(blob.subarray(0, CHECKSUM_OFFSET), blob.subarray(HEADER_BYTES, tilesStart));
}

function damaged(what: string): UserError {
  return new UserError(`The weight blob is damaged: ${what}. Regenerate it.`);
}
