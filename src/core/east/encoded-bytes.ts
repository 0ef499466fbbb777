/** What masks cost in flash, by the real encoder: the number that every selection is held against. */
import type { Encoder } from '../codecs/lz4/encode';
import { encodedSize } from '../codecs/lz4/encode';
import type { SelectionLayer } from './selection';

export interface EncodedBytes {
  /** By layer, in the order given. */
  readonly layerBytes: number[];
  readonly total: number;
}

/** Bytes of every layer with the weights where its mask is 0 zeroed: per tile its LZ4 block, or raw if that is smaller. */
export function encodedBytes(
  layers: readonly SelectionLayer[],
  masks: readonly Uint8Array[],
): EncodedBytes {
  const bytes = layers.map((layer, l) => layerBytes(layer, masks[l]!));
  return { layerBytes: bytes, total: bytes.reduce((sum, b) => sum + b, 0) };
}

/** Bytes of one layer. */
export function layerBytes(layer: SelectionLayer, mask: Uint8Array): number {
  const pruned = prunedBytes(layer.values, mask);
  let bytes = 0;
  let start = 0;
  for (const length of layer.tileBytes) {
    bytes += tileBytes(pruned.subarray(start, start + length), layer.encoder);
    start += length;
  }
  return bytes;
}

/** The smallest total that pruning can reach: every weight zero. Budgets below it cannot be met. */
export function minimumBytes(layers: readonly SelectionLayer[]): number {
  return encodedBytes(
    layers,
    layers.map((layer) => new Uint8Array(layer.values.length)),
  ).total;
}

/** As tileBytes for `length` zeros, without encoding them, by either encoder: one literal, a match, five literals. */
export function zeroTileBytes(length: number): number {
  if (length < 13) return length; // A block's last match starts 12 bytes before its end.
  const extra = length - 10;
  const lengthBytes = extra < 15 ? 0 : 1 + Math.floor((extra - 15) / 255);
  return Math.min(length, 10 + lengthBytes);
}

/** Bytes that one tile's content takes in flash. */
export function tileBytes(content: Uint8Array, encoder?: Encoder): number {
  return Math.min(content.length, encodedSize(content, encoder));
}

/** The bytes to encode: `values` where the mask keeps, else 0. */
export function prunedBytes(values: Int8Array, mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) out[i] = values[i]!;
  return out;
}
