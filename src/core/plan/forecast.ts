/**
 * What a config will take, from shapes alone and before any training: which bytes of flash are fixed, what the budget
 * leaves for the weights, where the RAM peaks. Training plans with it, the editor shows it as one types.
 */
import type { QuantizationConfig, ResolvedConfig } from '../config/config';
import { layerCoding, symbolCount, zeroTileBytes } from '../codecs/coding';
import { blobOverhead } from '../firmware/blob';
import type { CodeSize } from '../firmware/code-table';
import { codeTable } from '../firmware/code-table';
import { biasBytes, tableBytes } from '../firmware/constant-tables';
import { tileWeights } from '../firmware/encode-model';
import type { MemoryPlan } from '../firmware/encoded-model';
import { leastRam, peakLayer, planMemory, usageByLayer } from './memory';
import type { Graph } from '../graph/graph';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import { isWeighted, weightCount, weightShape } from '../graph/graph';
import type { PossibleFormats } from '../east/possible-formats';
import { anyFormats, commonFormat, possibleFormats } from '../east/possible-formats';
import { WEIGHT_FORMATS, type WeightFormat } from '../formats/formats';
import { packedBytes, weightsPerByte } from '../formats/packing';
import type { LoadedModel } from '../models/model';
import { nonZeroShare } from './compression';

/** What a forecast follows from besides the network; nothing else of a config matters. */
export type ForecastConfig = Pick<ResolvedConfig, 'budget' | 'east'> & {
  /** Without it the weights are int8. */
  readonly quantization?: Pick<QuantizationConfig, 'weights'>;
};

/** All sizes are bytes. */
export interface Forecast {
  readonly graph: Graph;
  /** Of the weights, by layer name; where training chooses them, a guess. */
  readonly formats: Readonly<Record<string, WeightFormat>>;
  /** All that some layer may have in the end; `code` and `tables` count what unpacks each. */
  readonly codeFormats: readonly WeightFormat[];
  /** For budget.ram, or for the least RAM where that is not enough. */
  readonly memory: MemoryPlan;
  /** In the order they run. */
  readonly layers: readonly LayerForecast[];
  readonly flash: FlashForecast;
  readonly ram: RamForecast;
}

export interface LayerForecast {
  readonly name: string;
  readonly kind: Layer['kind'];
  /** Of the weights in storage order; empty for a layer without. */
  readonly weightShape: readonly number[];
  /** Height, width, channels. */
  readonly outputShape: readonly number[];
  /** Weights, which as dense int8 take as many bytes. */
  readonly parameters: number;
  readonly denseBytes: number;
  /** Of the weights; undefined for a layer without. */
  readonly format: WeightFormat | undefined;
  /** Whether `format` is a guess: training chooses it. */
  readonly formatOpen: boolean;
  /** Before pruning and LZ4: denseBytes where the format is int8. */
  readonly packedBytes: number;
  /** Parts the weights are decoded in; 0 for a layer without. */
  readonly tiles: number;
  /** In use while it runs. */
  readonly ram: { readonly activations: number; readonly scratch: number; readonly decode: number };
  /** Entries of the config's `model.layers` that became this layer; empty for a named architecture. */
  readonly entries: readonly number[];
}

export interface FlashForecast {
  readonly denseBytes: number;
  /** Every weight in its format, before pruning and LZ4: denseBytes where all are int8. */
  readonly packedBytes: number;
  readonly biases: number;
  readonly tables: number;
  readonly code: CodeSize;
  /** Of most weights: layers may differ. */
  readonly format: WeightFormat;
  /** Whether `format`, and `packedBytes` and `nonZero` with it, are guesses: training chooses the formats. */
  readonly formatOpen: boolean;
  /** Biases, tables and code: what does not depend on the weights. */
  readonly fixed: number;
  /** Header and tile table of the blob. */
  readonly overhead: number;
  /** budget.flash; undefined: not limited. */
  readonly budget: number | undefined;
  /** Most bytes the blob (header, tile table, blocks) may take; may be negative. Undefined: not limited. */
  readonly blobBudget: number | undefined;
  /** The key that sets `blobBudget`. */
  readonly limitedBy: 'flash' | 'weights' | undefined;
  /** Bytes of the blob with every weight pruned; with method dense, which prunes none, of the dense weights. */
  readonly leastBlob: number;
  /** The smallest possible budget.flash: `fixed` and `leastBlob`. */
  readonly least: number;
  /** Of denseBytes to blobBudget, as a report's ratio; undefined where nothing limits or nothing fits. */
  readonly requiredRatio: number | undefined;
  /** Estimate of the share of weights that can stay non-zero then; 1 where none need to be pruned. */
  readonly nonZero: number | undefined;
}

export interface RamForecast {
  /** At the peak; they add up to `total`. */
  readonly activations: number;
  readonly scratch: number;
  readonly decode: number;
  readonly total: number;
  readonly peakLayer: string;
  /** budget.ram; undefined: not limited. */
  readonly budget: number | undefined;
  /** The smallest possible budget.ram, and the layer that needs it. */
  readonly least: number;
  readonly leastLayer: string;
  /** Parts all weights are decoded in. */
  readonly tiles: number;
}

/**
 * @param code as the cross compiler measured it; else from the committed table
 * @throws UserError where the firmware cannot hold the network
 */
export function forecast(
  config: ForecastConfig,
  { graph, entries }: LoadedModel,
  code?: CodeSize,
): Forecast {
  const possible = possibleOf(config, graph);
  const need = leastRam(graph);
  const { ram: ramBudget } = config.budget;
  const memory = planMemory(
    graph,
    ramBudget === undefined ? undefined : Math.max(ramBudget, need.bytes),
  );
  const usage = usageByLayer(graph, memory);
  const codeFormats = anyFormats(possible);
  const { flash, formats } = forecastFlash(
    config,
    graph,
    memory,
    possible,
    code ?? codeTable(graph, codeFormats),
  );
  const layers = graph.layers.map((layer, i): LayerForecast => {
    const { activations, scratch, decode } = usage[i]!;
    const parameters = isWeighted(layer) ? weightCount(layer) : 0;
    return {
      name: layer.name,
      kind: layer.kind,
      weightShape: isWeighted(layer) ? weightShape(layer) : [],
      outputShape: layer.outputShape,
      parameters,
      denseBytes: parameters,
      format: formats[layer.name],
      formatOpen: (possible[layer.name]?.length ?? 0) > 1,
      packedBytes: isWeighted(layer) ? packedLayerBytes(layer, memory, formats[layer.name]!) : 0,
      tiles: memory.tileChannels[layer.name]?.length ?? 0,
      ram: { activations, scratch, decode },
      entries: entries.get(layer.name) ?? [],
    };
  });
  return {
    graph,
    formats,
    codeFormats,
    memory,
    layers,
    flash,
    ram: {
      activations: memory.activationBytes,
      scratch: memory.scratchBytes,
      decode: memory.decodeBytes,
      total: memory.ramBytes,
      peakLayer: peakLayer(graph, memory),
      budget: ramBudget,
      least: need.bytes,
      leastLayer: need.layer,
      tiles: layers.reduce((sum, layer) => sum + layer.tiles, 0),
    },
  };
}

/** How many weights each tile holds, by weighted layer's name. */
export function tilesOf({
  graph,
  memory,
}: Pick<Forecast, 'graph' | 'memory'>): Record<string, number[]> {
  return Object.fromEntries(
    graph.layers.filter(isWeighted).map((layer) => [layer.name, tileWeights(layer, memory)]),
  );
}

/** Each tile begins with a byte of its own. */
function packedLayerBytes(layer: WeightedLayer, memory: MemoryPlan, format: WeightFormat): number {
  return tileWeights(layer, memory).reduce((sum, count) => sum + packedBytes(count, format), 0);
}

/** The formats that training may choose from, by layer name. */
export function possibleOf(
  { quantization, budget, east }: ForecastConfig,
  graph: Graph,
): PossibleFormats {
  const limited = budget.flash !== undefined || budget.weights !== undefined;
  const pruned = limited && east.method !== 'dense';
  return possibleFormats(graph, quantization ?? { weights: 8 }, pruned);
}

/**
 * With formats left open the code of all that may be chosen is counted, and the least blob is in the smallest ones, so
 * that what training settles on can only take less than was said.
 */
function forecastFlash(
  { budget, east }: ForecastConfig,
  graph: Graph,
  memory: MemoryPlan,
  possible: PossibleFormats,
  code: CodeSize,
): { flash: FlashForecast; formats: Readonly<Record<string, WeightFormat>> } {
  const byLayer = Object.entries(tilesOf({ graph, memory }));
  const denseBytes = byLayer.flatMap(([, tiles]) => tiles).reduce((sum, n) => sum + n, 0);
  const bytesIn = (formats: Readonly<Record<string, WeightFormat>>): number[] =>
    byLayer.flatMap(([name, counts]) => counts.map((count) => packedBytes(count, formats[name]!)));
  const total = (bytes: readonly number[]): number => bytes.reduce((sum, n) => sum + n, 0);
  const smallestFormat = smallestFormats(possible);
  const smallest = bytesIn(smallestFormat);
  const overhead = blobOverhead(smallest.length);
  const [biases, tables] = [biasBytes(graph), tableBytes(graph, anyFormats(possible))];
  const fixed = biases + tables + code.bytes;
  const leastBlocks =
    east.method === 'dense'
      ? total(smallest)
      : total(
          byLayer.flatMap(([name, counts]) => {
            const coding = layerCoding(smallestFormat[name]!);
            return counts.map((count) => zeroTileBytes(coding, symbolCount(coding, count)));
          }),
        );
  const leastBlob = overhead + leastBlocks;
  const left = budget.flash === undefined ? Infinity : budget.flash - fixed;
  const { weights } = budget;
  const allowed =
    weights === undefined
      ? Infinity
      : 'bytes' in weights
        ? weights.bytes
        : Math.floor(weights.fraction * denseBytes);
  const tighter = Math.min(left, allowed);
  const blobBudget = Number.isFinite(tighter) ? tighter : undefined;
  const fits = blobBudget !== undefined && blobBudget >= leastBlob;
  const formats = likelyFormats(
    possible,
    (some) => total(bytesIn(some)) <= (blobBudget ?? Infinity) - overhead,
  );
  const packed = total(bytesIn(formats));
  const format = commonFormat(graph, formats);
  const flash: FlashForecast = {
    denseBytes,
    packedBytes: packed,
    format,
    formatOpen: Object.values(possible).some((some) => some.length > 1),
    biases,
    tables,
    code,
    fixed,
    overhead,
    budget: budget.flash,
    blobBudget,
    limitedBy: blobBudget === undefined ? undefined : left === blobBudget ? 'flash' : 'weights',
    leastBlob,
    least: fixed + leastBlob,
    requiredRatio: fits ? denseBytes / blobBudget : undefined,
    nonZero: fits ? nonZeroShare((blobBudget - overhead) / packed, format) : undefined,
  };
  return { flash, formats };
}

/** Where formats are open: those of most levels with which all weights fit unpruned, else the smallest. */
function likelyFormats(
  possible: PossibleFormats,
  fits: (formats: Readonly<Record<string, WeightFormat>>) => boolean,
): Readonly<Record<string, WeightFormat>> {
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
