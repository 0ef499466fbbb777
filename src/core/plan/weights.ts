/**
 * What a flash budget asks of the weights. With formats left open the code of all that may be chosen is counted, and the
 * least blob is in the smallest ones, so that what training settles on can only take less than was said.
 */
import type { BudgetConfig, EastConfig } from '../config/config';
import { layerCoding, symbolCount, zeroTileBytes } from '../codecs/coding';
import { blobOverhead } from '../firmware/blob';
import { type WeightFormat, WEIGHT_FORMATS } from '../formats/formats';
import { packedBytes, weightsPerByte } from '../formats/packing';
import { commonFormat, type PossibleFormats } from '../east/possible-formats';
import type { Graph } from '../graph/graph';
import { leftForWeights, type WeightBudget } from './budget';
import { nonZeroShare } from './compression';

/** Bytes. */
export interface WeightForecast extends WeightBudget {
  readonly denseBytes: number;
  /** Every weight in its format, before pruning and encoding: denseBytes where all are int8. */
  readonly packedBytes: number;
  /** Of most weights: layers may differ. */
  readonly format: WeightFormat;
  /** Whether `format`, and `packedBytes` and `nonZero` with it, are guesses: training chooses the formats. */
  readonly formatOpen: boolean;
  /** Header and tile table of the blob. */
  readonly overhead: number;
  /** What blobBudget leaves for the tiles; undefined: not limited. */
  readonly blockBudget: number | undefined;
  /** Bytes of the blob with every weight pruned; with method dense, which prunes none, of the dense weights. */
  readonly leastBlob: number;
  /** Of denseBytes to blobBudget, as a report's ratio; undefined where nothing limits or nothing fits. */
  readonly requiredRatio: number | undefined;
  /** Estimate of the share of weights that can stay non-zero then; 1 where none need to be pruned. */
  readonly nonZero: number | undefined;
}

type Formats = Readonly<Record<string, WeightFormat>>;

/** How many weights each tile holds, which are its bytes once decoded; by weighted layer's name. */
export type TileWeights = Readonly<Record<string, readonly number[]>>;

/**
 * @param fixed bytes of flash that are not weights
 * @returns `formats`: the likely ones, by layer name
 */
export function forecastWeights(
  graph: Graph,
  tileWeights: TileWeights,
  possible: PossibleFormats,
  { budget, east }: { readonly budget: BudgetConfig; readonly east: Pick<EastConfig, 'method'> },
  fixed: number,
): { readonly weights: WeightForecast; readonly formats: Formats } {
  const layers = Object.entries(tileWeights);
  const bytesIn = (formats: Formats): number[] =>
    layers.flatMap(([name, counts]) => counts.map((count) => packedBytes(count, formats[name]!)));
  const denseBytes = total(layers.flatMap(([, counts]) => counts));
  const smallest = smallestFormats(possible);
  const overhead = blobOverhead(layers.flatMap(([, counts]) => counts).length);
  const leastTiles =
    east.method === 'dense'
      ? bytesIn(smallest)
      : layers.flatMap(([name, counts]) => {
          const coding = layerCoding(smallest[name]!);
          return counts.map((count) => zeroTileBytes(coding, symbolCount(coding, count)));
        });
  const leastBlob = overhead + total(leastTiles);
  const { blobBudget, limitedBy } = leftForWeights(budget, fixed, denseBytes);
  const fits = blobBudget !== undefined && blobBudget >= leastBlob;
  const formats = likelyFormats(
    possible,
    (some) => total(bytesIn(some)) <= (blobBudget ?? Infinity) - overhead,
  );
  const packed = total(bytesIn(formats));
  const format = commonFormat(graph, formats);
  const weights: WeightForecast = {
    denseBytes,
    packedBytes: packed,
    format,
    formatOpen: Object.values(possible).some((some) => some.length > 1),
    overhead,
    blobBudget,
    blockBudget: blobBudget === undefined ? undefined : blobBudget - overhead,
    limitedBy,
    leastBlob,
    requiredRatio: fits ? denseBytes / blobBudget : undefined,
    nonZero: fits ? nonZeroShare((blobBudget - overhead) / packed, format) : undefined,
  };
  return { weights, formats };
}

/** Where formats are open: those of most levels with which all weights fit unpruned, else the smallest. */
function likelyFormats(possible: PossibleFormats, fits: (formats: Formats) => boolean): Formats {
  const smallest = smallestFormats(possible);
  for (const format of WEIGHT_FORMATS) {
    const formats = Object.fromEntries(
      Object.entries(possible).map(([name, some]) => [
        name,
        some.includes(format) ? format : smallest[name]!,
      ]),
    );
    if (fits(formats)) return formats;
  }
  return smallest;
}

function smallestFormats(possible: PossibleFormats): Record<string, WeightFormat> {
  return Object.fromEntries(
    Object.entries(possible).map(([name, formats]) => [
      name,
      formats.reduce((least, f) => (weightsPerByte(f) > weightsPerByte(least) ? f : least)),
    ]),
  );
}

function total(bytes: readonly number[]): number {
  return bytes.reduce((sum, n) => sum + n, 0);
}
