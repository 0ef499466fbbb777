/** Keeps a stored model to the share of an inference that decoding may take, as far as the bytes allow. */
import { CODECS } from '../codecs/codecs';
import { isPlain } from '../codecs/coding';
import { decodeTile } from '../codecs/coding';
import { packedBytes, packWeights } from '../formats/packing';
import { writeBlob } from '../firmware/blob';
import type { EncodedModel, Tile } from '../firmware/encoded-model';
import {
  computeInstructions,
  decodingLimit,
  decodingOf,
  tileDecoding,
} from '../firmware/instructions';
import type { Graph } from '../graph/graph';
import type { Target } from '../firmware/targets/target';

/**
 * Stores tiles as they are, those first that save the fewest bytes for what decoding them takes, until the limit is kept or no
 * byte of `blobBudget` is left for it. The weights stay what they are.
 *
 * @param share of an inference, along a stream of a step; undefined: no limit
 * @param graph as it is deployed
 */
export function limitDecoding(
  encoded: EncodedModel,
  target: Target,
  share: number | undefined,
  blobBudget: number | undefined,
  graph: Graph = encoded.model.graph,
): EncodedModel {
  if (share === undefined) return encoded;
  const limit = decodingLimit(computeInstructions(graph, target), share);
  if (decodingOf(encoded, target) <= limit) return encoded;
  const dearest = encoded.layers
    .flatMap(({ representation: { packing }, tiles }, l) =>
      tiles.flatMap((tile, t) => {
        if (isPlain(tile)) return [];
        const bytes = packedBytes(tile.weights, packing) - tile.stored.length;
        const saved =
          tileDecoding(tile, packing, false, target) -
          tileDecoding({ ...tile, codec: CODECS.raw.id }, packing, false, target);
        return saved > 0 ? [{ l, t, worth: bytes / saved }] : [];
      }),
    )
    .sort((a, b) => a.worth - b.worth || a.l - b.l || a.t - b.t);
  let best = encoded;
  for (const { l, t } of dearest) {
    const layers = best.layers.map((layer, i) =>
      i === l
        ? {
            ...layer,
            tiles: layer.tiles.map((tile, j) =>
              j === t ? plain(tile, layer.representation.packing) : tile,
            ),
          }
        : layer,
    );
    const next = { ...best, layers, blob: writeBlob(layers, CODECS) };
    if (blobBudget !== undefined && next.blob.length > blobBudget) continue;
    best = next;
    if (decodingOf(best, target) <= limit) break;
  }
  return best;
}

function plain(
  { firstChannel, channels, weights, ...stored }: Tile,
  packing: Parameters<typeof packWeights>[1],
): Tile {
  const packed = packWeights(decodeTile(stored, weights, packing), packing);
  return { firstChannel, channels, weights, codec: CODECS.raw.id, stored: packed };
}
