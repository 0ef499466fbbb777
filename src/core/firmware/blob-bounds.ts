/** How large a blob can be before there are weights. */
import { codecsSet, suits } from '../codecs/choice';
import type { CodecId } from '../codecs/codecs';
import { layerCoding, symbolCount, zeroTileBytes, type LayerCoding } from '../codecs/coding';
import type { PossibleFormats, WeightFormat } from '../formats/formats';
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

/**
 * By whatever each layer takes the fewest bytes in: the format of the fewest bits need not be the one in which zeros do.
 *
 * @param possible formats of the layers' weights, by layer name, each of which one of the codecs suits
 */
export function blobBounds(
  tileWeights: TileWeights,
  possible: PossibleFormats,
  codecs: readonly CodecId[] = codecsSet(),
): BlobBounds {
  let tiles = 0;
  let plain = 0;
  let empty = 0;
  for (const [name, counts] of Object.entries(tileWeights)) {
    const formats = possible[name]!;
    const codings = formats.flatMap((format) =>
      codecs.filter((codec) => suits(codec, format)).map((codec) => layerCoding(format, {}, codec)),
    );
    tiles += counts.length;
    plain += least(formats, counts, packedBytesOf);
    empty += least(codings, counts, zeroBytesOf);
  }
  const overhead = blobOverhead(tiles, codecs);
  return { overhead, plain: overhead + plain, empty: overhead + empty };
}

/** Of all tiles of a layer, which have one format and are counted on to have one codec. */
function least<Way>(
  ways: readonly Way[],
  counts: readonly number[],
  bytes: (way: Way, count: number) => number,
): number {
  return Math.min(...ways.map((way) => counts.reduce((sum, count) => sum + bytes(way, count), 0)));
}

const packedBytesOf = (format: WeightFormat, count: number): number => packedBytes(count, format);

const zeroBytesOf = (coding: LayerCoding, count: number): number =>
  zeroTileBytes(coding, symbolCount(coding, count));
