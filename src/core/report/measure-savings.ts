/** What saved the bytes of a layer, from how they lie in flash. */
import { codecOf, CODECS } from '../codecs/codecs';
import { decodeTile, isPlain, type StoredTile } from '../codecs/coding';
import { segmentsOf } from '../codecs/segments';
import type { EncodedLayer } from '../firmware/encoded-model';
import type { WeightFormat } from '../formats/formats';
import { packedBytes, packWeights, weightsPerByte } from '../formats/packing';
import { layerBlobBytes } from '../firmware/blob';
import type { Savings } from './savings';

export function savingsOf({ representation, tiles }: EncodedLayer): Savings {
  const format = representation.packing;
  const sum = (of: (tile: (typeof tiles)[number]) => number): number =>
    tiles.reduce((total, tile) => total + of(tile), 0);
  const dense = sum(({ weights }) => weights);
  const packed = sum(({ weights }) => packedBytes(weights, format));
  const stored = sum((tile) => tile.stored.length);
  const zeros = Math.round(sum((tile) => savedOnZeros(tile, tile.weights, format)));
  const plain = tiles.filter(isPlain);
  return {
    dense,
    levels: dense - packed,
    zeros,
    coding: packed - stored - zeros,
    entries: layerBlobBytes(stored, tiles.length) - stored,
    ...(plain.length > 0 && {
      lz4More: plain.reduce((more, tile) => more + lz4More(tile, tile.weights, format), 0),
    }),
  };
}

function savedOnZeros(tile: StoredTile, weights: number, format: WeightFormat): number {
  if (isPlain(tile)) return 0;
  return codecOf(tile.codec).symbols === 'weights'
    ? onZeroWeights(decodeTile(tile, weights, format), format)
    : onZeroRuns(tile, packedBytes(weights, format));
}

/** An entropy coder gives each zero about −log₂ of their share in bits. */
function onZeroWeights(codes: Int8Array, format: WeightFormat): number {
  let zeros = 0;
  for (const code of codes) if (code === 0) zeros++;
  if (zeros === 0) return 0;
  const bits = Math.log2(codes.length / zeros);
  return (zeros * (8 / weightsPerByte(format) - bits)) / 8;
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
