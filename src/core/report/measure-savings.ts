/** What saved the bytes of a layer, from how they lie in flash. */
import { suits } from '../codecs/choice';
import { codecOf, CODECS } from '../codecs/codecs';
import { decodeTile, encodeTile, isPlain, layerCoding, type StoredTile } from '../codecs/coding';
import { segmentsOf } from '../codecs/segments';
import type { EncodedLayer } from '../firmware/encoded-model';
import type { WeightFormat } from '../formats/formats';
import { packedBytes, packWeights, weightsPerByte } from '../formats/packing';
import { layerBlobBytes } from '../firmware/blob';
import type { Savings } from './savings';

/**
 * Different weights of a layer whose codes are not packed but stored one by one, all of it or some tiles; undefined where
 * the format says how many there may be.
 */
export function levelsOf({ representation, tiles }: EncodedLayer): number | undefined {
  const format = representation.packing;
  if (weightsPerByte(format) > 1 || !tiles.some(storesWeights)) return undefined;
  return new Set(tiles.flatMap((tile) => [...decodeTile(tile, tile.weights, format)])).size;
}

function storesWeights({ codec }: StoredTile): boolean {
  return codecOf(codec).symbols === 'weights';
}

/** Bytes below which naming another codec in the blob's header takes what it saves. */
const WORTH = 16;

export function savingsOf(layer: EncodedLayer): Savings {
  const { representation, tiles } = layer;
  const format = representation.packing;
  const levels = levelsOf(layer);
  const bits = levels === undefined ? 8 / weightsPerByte(format) : Math.log2(levels);
  const sum = (of: (tile: (typeof tiles)[number]) => number): number =>
    tiles.reduce((total, tile) => total + of(tile), 0);
  const dense = sum(({ weights }) => weights);
  const packed =
    levels === undefined
      ? sum(({ weights }) => packedBytes(weights, format))
      : Math.ceil((bits * dense) / 8);
  const stored = sum((tile) => tile.stored.length);
  const zeros = Math.round(sum((tile) => savedOnZeros(tile, tile.weights, format, bits)));
  const plain = tiles.filter(isPlain);
  const saved = plain.reduce((less, tile) => less + entropyLess(tile, tile.weights, format), 0);
  return {
    dense,
    levels: dense - packed,
    zeros,
    coding: packed - stored - zeros,
    entries: layerBlobBytes(stored, tiles.length) - stored,
    ...(plain.length > 0 && {
      lz4More: plain.reduce((more, tile) => more + lz4More(tile, tile.weights, format), 0),
    }),
    ...(saved >= WORTH && { entropyLess: saved }),
  };
}

function savedOnZeros(
  tile: StoredTile,
  weights: number,
  format: WeightFormat,
  bits: number,
): number {
  if (isPlain(tile)) return 0;
  return storesWeights(tile)
    ? onZeroWeights(decodeTile(tile, weights, format), bits)
    : onZeroRuns(tile, packedBytes(weights, format));
}

/** An entropy coder gives each zero about −log₂ of their share in bits, of those that a weight would take. */
function onZeroWeights(codes: Int8Array, bits: number): number {
  let zeros = 0;
  for (const code of codes) if (code === 0) zeros++;
  if (zeros === 0) return 0;
  return (zeros * (bits - Math.log2(codes.length / zeros))) / 8;
}

/** LZ4 gives zeros its matches of zeros alone: two bytes of offset, those of a long length, and a token where it has none. */
function onZeroRuns(tile: StoredTile, bytes: number): number {
  let saved = 0;
  let literalsBefore = false;
  for (const { kind, symbols } of segmentsOf(tile, bytes)) {
    if (kind === 'zeros') saved += symbols - matchBytes(symbols) - (literalsBefore ? 0 : 1);
    literalsBefore = kind === 'literal';
  }
  return saved;
}

/** Beyond the token (LZ4 block format: lengths from 4 on, 15 in the token, then bytes of up to 255). */
function matchBytes(length: number): number {
  const beyond = length - 4 - 15;
  return 2 + (beyond < 0 ? 0 : 1 + Math.floor(beyond / 255));
}

function lz4More(tile: StoredTile, weights: number, format: WeightFormat): number {
  const bytes = packWeights(decodeTile(tile, weights, format), format);
  return CODECS.lz4.size(bytes, {}) - bytes.length;
}

/** Never negative: what the coder does not make smaller is stored as it is. */
function entropyLess(tile: StoredTile, weights: number, format: WeightFormat): number {
  if (!suits('entropy', format)) return 0;
  const codes = decodeTile(tile, weights, format);
  return tile.stored.length - encodeTile(layerCoding(format, {}, 'entropy'), codes).stored.length;
}
