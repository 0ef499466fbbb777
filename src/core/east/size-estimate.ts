/**
 * What masks will cost in flash, about, at a fraction of the codecs' time: some tiles of each layer are pruned and
 * encoded, the others taken to cost as much. bench/selection.ts measures how far off that is.
 */
import type { SelectionLayer } from './selection';
import type { StoredBytes } from './stored-bytes';
import { maskedLayerBytes } from './stored-bytes';

/** How much of a layer is looked at. */
export interface Sampling {
  /** Of each layer at least so many symbols, or all. */
  readonly least: number;
  /** Of a large layer. */
  readonly share: number;
  /** Tiles of more symbols are cut into such pieces. */
  readonly piece: number;
}

/** For sizes: whole tiles, for what a codec finds depends on how far back it may look. */
const FOR_SIZES: Sampling = { least: 6144, share: 0.25, piece: Infinity };

/** Some of a layer, which stands for all of it: enough to compare ways of pruning it and to find what a byte is worth. */
export interface LayerSample {
  /** Some of the layer's tiles, spread evenly, as a layer of its own; where that is small, the layer itself. */
  readonly layer: SelectionLayer;
  /** Symbols of the whole layer for each one here. A byte saved here saves so many. */
  readonly factor: number;
}

export function sampleLayer(layer: SelectionLayer, sampling = FOR_SIZES): LayerSample {
  const tiles = sampledTiles(layer, sampling);
  const count = tiles.reduce((sum, { length }) => sum + length, 0);
  if (count === layer.symbols.length) return { layer, factor: 1 };
  const symbols = new Uint8Array(count);
  const saliency = new Float32Array(count);
  let at = 0;
  for (const { start, length } of tiles) {
    symbols.set(layer.symbols.subarray(start, start + length), at);
    saliency.set(layer.saliency.subarray(start, start + length), at);
    at += length;
  }
  const tileSymbols = tiles.map(({ length }) => length);
  return {
    layer: { ...layer, symbols, saliency, tileSymbols },
    factor: layer.symbols.length / count,
  };
}

/** About what the sampled layer takes, a whole number, by its sample's mask. Exact where the layer is its own sample. */
export function estimatedLayerBytes({ layer, factor }: LayerSample, mask: Uint8Array): number {
  return Math.round(factor * maskedLayerBytes(layer, mask));
}

/** The same for all layers: as `maskedBytes`, but estimated. */
export function estimatedBytes(
  samples: readonly LayerSample[],
  masks: readonly Uint8Array[],
): StoredBytes {
  const bytes = samples.map((sample, l) => estimatedLayerBytes(sample, masks[l]!));
  return { layerBytes: bytes, total: bytes.reduce((sum, b) => sum + b, 0) };
}

interface Tile {
  readonly start: number;
  readonly length: number;
}

function sampledTiles(
  { symbols, tileSymbols }: SelectionLayer,
  { least, share, piece }: Sampling,
): Tile[] {
  const wanted = Math.max(least, share * symbols.length);
  const every = Math.max(1, symbols.length / wanted);
  const sampled: Tile[] = [];
  let index = 0;
  let start = 0;
  for (const tile of tileSymbols) {
    const end = start + tile;
    while (start < end) {
      const length = Math.min(piece, end - start);
      // One of every so many, the first of them included.
      if (Math.ceil(index / every) * every < index + 1) sampled.push({ start, length });
      start += length;
      index++;
    }
  }
  return sampled;
}
