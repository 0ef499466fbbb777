/** What the same trained weights would take stored in other ways. Bytes of the tiles alone, without header and table. */
import type { EncodedModel } from '../../src/core/firmware/encoded-model';
import { weightedLayers } from '../../src/core/graph/graph';
import { decodeTile, layerCoding, storedBytes, symbolsOf } from '../../src/core/codecs/coding';
import { packedBytes } from '../../src/core/formats/packing';

export interface Sizes {
  /** LZ4 by the optimal parse. */
  readonly optimal: number;
  /** LZ4 as its reference implementation encodes by default. */
  readonly greedy: number;
  /** Packed, without LZ4. */
  readonly packed: number;
  /** A bit for each weight that says whether it is zero, and the others with as many bits as their format has. */
  readonly bitmap: number;
}

export function otherSizes({ model, layers }: EncodedModel): Sizes {
  let [optimal, greedy, packed, bitmap] = [0, 0, 0, 0];
  const graphLayers = weightedLayers(model.graph);
  layers.forEach(({ tiles, representation }, l) => {
    const { packing: format } = representation;
    for (const tile of tiles) {
      const codes = decodeTile(tile, tile.weights, format);
      const by = (encoder: 'optimal' | 'greedy'): number => {
        const coding = layerCoding(format, { encoder });
        return storedBytes(coding, symbolsOf(coding, codes));
      };
      optimal += by('optimal');
      packed += packedBytes(tile.weights, format);
      greedy += by('greedy');
    }
    const { weights } = model.layers[graphLayers[l]!.name]!;
    const kept = weights.reduce((count, w) => count + (w === 0 ? 0 : 1), 0);
    bitmap += Math.ceil((weights.length + kept * representation.bits) / 8);
  });
  return { optimal, greedy, packed, bitmap };
}
