/**
 * The budget is solved here: what of flash is fixed, and what the budget leaves for the weights. With formats left open
 * the code of all that may be chosen is counted, and the least blob is in the smallest ones, so that what training
 * settles on can only take less than was said.
 */
import type {
  BudgetConfig,
  EastConfig,
  FirmwareConfig,
  ModelConfig,
  QuantizationConfig,
  TaskConfig,
} from '../config/config';
import { isUntrained } from '../config/config';
import { codecsSet, suits, USUAL_CODEC } from '../codecs/choice';
import type { CodecId } from '../codecs/codecs';
import { possibleFormats } from '../east/possible-formats';
import { blobBounds, type BlobBounds } from '../firmware/blob-bounds';
import { readerOf } from '../firmware/blob-reader';
import { fixedFlash, type FixedFlash, type MeasuredCode } from '../firmware/fixed-flash';
import type { TileWeights } from '../firmware/memory-plan';
import { firmwareTarget } from '../firmware/targets/targets';
import {
  formatSet,
  WEIGHT_FORMATS,
  type PossibleFormats,
  type WeightFormat,
} from '../formats/formats';
import { packedBytes, weightsPerByte } from '../formats/packing';
import type { FrontendConfig } from '../frontends/config';
import type { Graph } from '../graph/graph';

/** What a forecast follows from besides the network; nothing else of a config matters. */
export interface ForecastConfig {
  readonly budget: BudgetConfig;
  /** Without a codec it is the default of configs. */
  readonly east: Pick<EastConfig, 'method'> & Partial<Pick<EastConfig, 'codec'>>;
  /** Without it the weights are int8. */
  readonly quantization?: Pick<QuantizationConfig, 'weights'>;
  /** Without it the target is the default one. */
  readonly firmware?: Pick<FirmwareConfig, 'target' | 'stream'>;
  readonly frontend?: FrontendConfig;
  /** Without it classification. */
  readonly task?: Pick<TaskConfig, 'kind'>;
  /** Whether its network is trained; without it, it is. */
  readonly model?: Pick<ModelConfig, 'file' | 'use'>;
}

/** All sizes are bytes. */
export interface FlashForecast extends FixedFlash {
  readonly denseBytes: number;
  /** Every weight in its format, before pruning and encoding: denseBytes where all are int8. */
  readonly packedBytes: number;
  /** Of most weights: layers may differ. */
  readonly format: WeightFormat;
  /** Whether `format`, and `packedBytes` with it, are guesses: training chooses the formats. */
  readonly formatOpen: boolean;
  /** Header and tile table of the blob. */
  readonly overhead: number;
  /** budget.flash; undefined: not limited. */
  readonly budget: number | undefined;
  /** Most bytes the blob (header, tile table, tiles) may take; may be negative. Undefined: not limited. */
  readonly blobBudget: number | undefined;
  /** The key that sets `blobBudget`. */
  readonly limitedBy: 'flash' | 'weights' | undefined;
  /** What blobBudget leaves for the tiles. */
  readonly blockBudget: number | undefined;
  /** Bytes of the blob with every weight pruned; with method dense, which prunes none, of the dense weights. */
  readonly leastBlob: number;
  /** The smallest possible budget.flash: `fixed` and `leastBlob`. */
  readonly least: number;
  /** Of denseBytes to blobBudget, as a report's ratio; undefined where nothing limits or nothing fits. */
  readonly requiredRatio: number | undefined;
}

export interface FlashPlan {
  readonly flash: FlashForecast;
  /** That training may choose from, by layer name; `code` and `tables` count what unpacks each. */
  readonly possible: PossibleFormats;
  /** That may store them; `code` counts the reader of all, and `overhead` their blob. */
  readonly codecs: readonly CodecId[];
  /** Of the weights, by layer name; where training chooses them, a guess. */
  readonly formats: Formats;
}

type Formats = Readonly<Record<string, WeightFormat>>;

/** @param measured the code's size where the cross compiler told it; counts for the kernels it was measured for */
export function planFlash(
  graph: Graph,
  tileWeights: TileWeights,
  config: ForecastConfig,
  measured: MeasuredCode | undefined,
): FlashPlan {
  const possible = possibleOf(config, graph);
  const target = firmwareTarget(config.firmware?.target);
  const fixedWith = (codecs: readonly CodecId[]): FixedFlash =>
    fixedFlash(graph, possible, measured, target, readerOf(codecs), config.frontend);
  const denseBytes = total(Object.values(tileWeights).flat());
  const leftWith = (some: readonly CodecId[]): number | undefined =>
    leftForWeights(config.budget, fixedWith(some).fixed, denseBytes).blobBudget;
  const boundsWith = (some: readonly CodecId[]): BlobBounds =>
    blobBounds(tileWeights, possible, some);
  const codecs = allowedCodecs(config, leftWith, boundsWith);
  const fixed = fixedWith(codecs);
  const smallest = smallestFormats(possible);
  const { overhead, plain } = boundsWith(codecs);
  // With less than one set of codecs needs at least, another is taken.
  const usual: readonly CodecId[] = [USUAL_CODEC];
  const sets = codecs.includes(USUAL_CODEC) ? [codecs, usual] : [codecs];
  const leasts = sets.map((some) => ({
    fixed: fixedWith(some).fixed,
    blob: config.east.method === 'dense' ? plain : boundsWith(some).empty,
  }));
  const leastBlob = Math.min(...leasts.map(({ blob }) => blob));
  const { blobBudget, limitedBy } = leftForWeights(config.budget, fixed.fixed, denseBytes);
  const blockBudget = blobBudget === undefined ? undefined : blobBudget - overhead;
  const packedIn = (formats: Formats): number =>
    total(
      Object.entries(tileWeights).flatMap(([name, counts]) =>
        counts.map((count) => packedBytes(count, formats[name]!)),
      ),
    );
  const formats =
    WEIGHT_FORMATS.map((format) => whereOpen(possible, format, smallest)).find(
      (some) => packedIn(some) <= (blockBudget ?? Infinity),
    ) ?? smallest;
  const fits = blobBudget !== undefined && blobBudget >= leastBlob;
  const flash: FlashForecast = {
    ...fixed,
    denseBytes,
    packedBytes: packedIn(formats),
    format: commonFormat(tileWeights, formats),
    formatOpen: Object.values(possible).some((some) => some.length > 1),
    overhead,
    budget: config.budget.flash,
    blobBudget,
    limitedBy,
    blockBudget,
    leastBlob,
    least: Math.min(...leasts.map((least) => least.fixed + least.blob)),
    requiredRatio: fits ? denseBytes / blobBudget : undefined,
  };
  return { flash, possible, codecs, formats };
}

/**
 * Codecs that the config's setting comes to. `auto` is LZ4 alone where another codec has nothing to win: where nothing is
 * pruned or limited, weights keep their codes (run/encode-untrained.ts looks further where those do not fit), or no layer of
 * any size can be stored by it; where its code would take more of a flash budget than it saves; and where not even zeros fit
 * beside that code and the longer header.
 */
function allowedCodecs(
  { east, quantization, model }: ForecastConfig,
  leftWith: (codecs: readonly CodecId[]) => number | undefined,
  boundsWith: (codecs: readonly CodecId[]) => BlobBounds,
): readonly CodecId[] {
  const all = codecsSet(east.codec);
  if (all.length === 1) return all;
  const usual: readonly CodecId[] = [USUAL_CODEC];
  const weights = quantization?.weights ?? 8;
  const suitable =
    weights === 'auto' ? all : all.filter((codec) => suits(codec, formatSet(weights)));
  if (east.method === 'dense' || (model && isUntrained({ model }))) return usual;
  const [plain, left] = [leftWith(usual), leftWith(suitable)];
  if (plain === undefined || left === undefined) return usual;
  if (left < boundsWith(suitable).empty && plain >= boundsWith(usual).empty) return usual;
  return left < (1 - LEAST_SAVED) * plain ? usual : suitable;
}

/** Of the weights' bytes: what the entropy coder saves at the same loss at least (docs/measurements.md). */
const LEAST_SAVED = 1 / 7;

/** Formats that each layer may have: what code has to be measured for before training. */
export function possibleOf(
  { quantization, budget, east }: ForecastConfig,
  graph: Graph,
): PossibleFormats {
  const limited = budget.flash !== undefined || budget.weights !== undefined;
  const pruned = limited && east.method !== 'dense';
  return possibleFormats(graph, quantization ?? { weights: 8 }, pruned, codecsSet(east.codec));
}

/** Bytes that budget.weights allows; a share is one of the dense weights. Undefined: it does not limit. */
export function allowedWeights(
  { weights }: Pick<BudgetConfig, 'weights'>,
  denseBytes: number,
): number | undefined {
  if (weights === undefined) return undefined;
  return 'bytes' in weights ? weights.bytes : Math.floor(weights.fraction * denseBytes);
}

/** The tighter of budget.weights and what budget.flash leaves. */
function leftForWeights(
  budget: BudgetConfig,
  fixed: number,
  denseBytes: number,
): Pick<FlashForecast, 'blobBudget' | 'limitedBy'> {
  const left = budget.flash === undefined ? undefined : budget.flash - fixed;
  const allowed = allowedWeights(budget, denseBytes);
  if (left !== undefined && left <= (allowed ?? Infinity)) {
    return { blobBudget: left, limitedBy: 'flash' };
  }
  return { blobBudget: allowed, limitedBy: allowed === undefined ? undefined : 'weights' };
}

/** `format` in the layers that may have it; the smallest one in the others. */
function whereOpen(possible: PossibleFormats, format: WeightFormat, smallest: Formats): Formats {
  return Object.fromEntries(
    Object.entries(possible).map(([name, some]) => [
      name,
      some.includes(format) ? format : smallest[name]!,
    ]),
  );
}

function smallestFormats(possible: PossibleFormats): Formats {
  return Object.fromEntries(
    Object.entries(possible).map(([name, formats]) => [
      name,
      formats.reduce((least, f) => (weightsPerByte(f) > weightsPerByte(least) ? f : least)),
    ]),
  );
}

/** Of most weights. */
function commonFormat(tileWeights: TileWeights, formats: Formats): WeightFormat {
  const weights = WEIGHT_FORMATS.map((format) =>
    total(
      Object.entries(tileWeights).flatMap(([name, counts]) =>
        formats[name] === format ? counts : [],
      ),
    ),
  );
  return WEIGHT_FORMATS[weights.indexOf(Math.max(...weights))]!;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, n) => sum + n, 0);
}
