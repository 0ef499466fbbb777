/** What masks cost in flash, by the layers' own codecs: the number that every selection is held against. */
import { plainBytes, storedBytes, zeroTileBytes } from '../codecs/coding';
import type { SelectionLayer } from './selection';

export interface StoredBytes {
  /** By layer, in the order given. */
  readonly layerBytes: number[];
  readonly total: number;
}

/** Bytes of every layer's tiles with the symbols where its mask is 0 zeroed. */
export function maskedBytes(
  layers: readonly SelectionLayer[],
  masks: readonly Uint8Array[],
): StoredBytes {
  const bytes = layers.map((layer, l) => maskedLayerBytes(layer, masks[l]!));
  return { layerBytes: bytes, total: bytes.reduce((sum, b) => sum + b, 0) };
}

/** Bytes of one layer. */
export function maskedLayerBytes(layer: SelectionLayer, mask: Uint8Array): number {
  const pruned = prunedSymbols(layer.symbols, mask);
  let bytes = 0;
  let start = 0;
  for (const count of layer.tileSymbols) {
    bytes += storedBytes(layer.coding, pruned.subarray(start, start + count));
    start += count;
  }
  return bytes;
}

/** The smallest total that pruning can reach: every symbol zero. Budgets below it cannot be met. */
export function minimumBytes(layers: readonly SelectionLayer[]): number {
  return layers.reduce((sum, layer) => sum + zeroLayerBytes(layer), 0);
}

/** Bytes of a layer whose symbols are all zero. */
export function zeroLayerBytes({ coding, tileSymbols }: SelectionLayer): number {
  return tileSymbols.reduce((sum, count) => sum + zeroTileBytes(coding, count), 0);
}

/** Bytes of a layer, nothing pruned and no tile encoded. */
export function plainLayerBytes({ coding, tileSymbols }: SelectionLayer): number {
  return tileSymbols.reduce((sum, count) => sum + plainBytes(coding, count), 0);
}

/** What is encoded: the symbols where the mask keeps, else 0. */
export function prunedSymbols(symbols: Uint8Array, mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(symbols.length);
  for (let i = 0; i < symbols.length; i++) if (mask[i] !== 0) out[i] = symbols[i]!;
  return out;
}
