/** What the same trained weights would take stored in other ways. Bytes of the tiles alone, without header and table. */
import type { EncodedModel } from '../../src/core/firmware/encoded-model';
import { weightedLayers } from '../../src/core/graph/graph';
import { tileBytes } from '../../src/core/east/encoded-bytes';
import { decodeBlock } from '../../src/core/codecs/lz4/decode';
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
    for (const { rawBytes, storage, stored } of tiles) {
      const bytes = packedBytes(rawBytes, representation.packing);
      const raw = storage === 'lz4' ? decodeBlock(stored, bytes) : stored;
      optimal += tileBytes(raw, 'optimal');
      packed += bytes;
      greedy += tileBytes(raw, 'greedy');
    }
    const { weights } = model.layers[graphLayers[l]!.name]!;
    const kept = weights.reduce((count, w) => count + (w === 0 ? 0 : 1), 0);
    bitmap += Math.ceil((weights.length + kept * representation.bits) / 8);
  });
  return { optimal, greedy, packed, bitmap };
}
