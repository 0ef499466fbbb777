/** How large a blob can be before there are weights. */
import { layerCoding, symbolCount, zeroTileBytes } from '../codecs/coding';
import type { WeightFormat } from '../formats/formats';
import { packedBytes } from '../formats/packing';
import { blobOverhead } from './blob';
import type { TileWeights } from './memory-plan';

/** Bytes. */
export interface BlobBounds {
  /** Header and tile table. */
  readonly overhead: number;
  /** The blob with nothing pruned and nothing encoded. */
  readonly plain: number;
  /** The blob with every weight zero. */
  readonly empty: number;
}

/** @param formats of the layers' weights, by layer name */
export function blobBounds(
  tileWeights: TileWeights,
  formats: Readonly<Record<string, WeightFormat>>,
): BlobBounds {
  let tiles = 0;
  let plain = 0;
  let empty = 0;
  for (const [name, counts] of Object.entries(tileWeights)) {
    const format = formats[name]!;
    const coding = layerCoding(format);
    for (const count of counts) {
      tiles++;
      plain += packedBytes(count, format);
      empty += zeroTileBytes(coding, symbolCount(coding, count));
    }
  }
  const overhead = blobOverhead(tiles);
  return { overhead, plain: overhead + plain, empty: overhead + empty };
}
