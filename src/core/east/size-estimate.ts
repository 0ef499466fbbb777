/**
 * What masks will cost in flash, about, at a fraction of the encoder's time: some tiles of each layer are encoded, the
 * others taken to cost as much for each weight they keep. bench/selection.ts measures how far off that is.
 */
import type { EncodedBytes } from './encoded-bytes';
import { layerBytes, prunedBytes, tileBytes } from './encoded-bytes';
import type { SelectionLayer } from './selection';

/** How much of a layer is looked at. */
export interface Sampling {
  /** Of each layer at least so many bytes, or all. */
  readonly least: number;
  /** Of a large layer. */
  readonly share: number;
  /** Tiles of more bytes are cut into such pieces. */
  readonly piece: number;
}

/** For sizes: whole tiles, for what the encoder finds depends on how far back it may look. */
const FOR_SIZES: Sampling = { least: 6144, share: 0.25, piece: Infinity };

/** Some of a layer's tiles, spread evenly: enough to compare ways of pruning it. Small layers are their own sample. */
export function sampleLayer(layer: SelectionLayer, sampling = FOR_SIZES): SelectionLayer {
  const tiles = sampledTiles(layer, sampling);
  const bytes = tiles.reduce((sum, { length }) => sum + length, 0);
  if (bytes === layer.values.length) return layer;
  const values = new Int8Array(bytes);
  const saliency = new Float32Array(bytes);
  let at = 0;
  for (const { start, length } of tiles) {
    values.set(layer.values.subarray(start, start + length), at);
    saliency.set(layer.saliency.subarray(start, start + length), at);
    at += length;
  }
  return { ...layer, values, saliency, tileBytes: tiles.map(({ length }) => length) };
}

/** About what the layers take with masks like those of their samples: as much for each byte as these. */
export function bytesBySamples(
  layers: readonly SelectionLayer[],
  samples: readonly SelectionLayer[],
  masks: readonly Uint8Array[],
): EncodedBytes {
  const bytes = samples.map((sample, l) =>
    Math.round((layerBytes(sample, masks[l]!) * layers[l]!.values.length) / sample.values.length),
  );
  return { layerBytes: bytes, total: bytes.reduce((sum, b) => sum + b, 0) };
}

/** As `encodedBytes`, but estimated from samples. Exact for layers that are their own samples. */
export function estimatedBytes(
  layers: readonly SelectionLayer[],
  masks: readonly Uint8Array[],
): EncodedBytes {
  const bytes = layers.map((layer, l) => estimatedLayerBytes(layer, masks[l]!));
  return { layerBytes: bytes, total: bytes.reduce((sum, b) => sum + b, 0) };
}

/** As `layerBytes`, but estimated, as a whole number. */
export function estimatedLayerBytes(layer: SelectionLayer, mask: Uint8Array): number {
  const tiles = sampledTiles(layer, FOR_SIZES);
  if (tiles.length === layer.tileBytes.length) return layerBytes(layer, mask);
  let bytes = 0;
  let keptThere = 0;
  for (const { start, length } of tiles) {
    const kept = mask.subarray(start, start + length);
    bytes += tileBytes(
      prunedBytes(layer.values.subarray(start, start + length), kept),
      layer.encoder,
    );
    keptThere += weightOf(kept);
  }
  return Math.round((bytes * weightOf(mask)) / keptThere);
}

/** What a tile's bytes are about proportional to: a run of zeros is not free, and costs the more the longer it is. */
function weightOf(mask: Uint8Array): number {
  let kept = 0;
  for (let i = 0; i < mask.length; i++) kept += mask[i]!;
  return kept + mask.length / 128;
}

interface Tile {
  readonly start: number;
  readonly length: number;
}

function sampledTiles(
  { values, tileBytes }: SelectionLayer,
  { least, share, piece }: Sampling,
): Tile[] {
  const wanted = Math.max(least, share * values.length);
  const every = Math.max(1, values.length / wanted);
  const sampled: Tile[] = [];
  let index = 0;
  let start = 0;
  for (const tile of tileBytes) {
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
