/**
 * What a config will take, from shapes alone and before any training: which bytes of flash are fixed, what the budget
 * leaves for the weights, where the RAM peaks. Training plans with it, the editor shows it as one types.
 */
import type { FirmwareConfig, QuantizationConfig, ResolvedConfig } from '../config/config';
import { tileWeights } from '../firmware/encode-model';
import type { MemoryPlan, RamParts } from '../firmware/memory-plan';
import type { WeightFormat } from '../formats/formats';
import { packedBytes } from '../formats/packing';
import { anyFormats, possibleFormats, type PossibleFormats } from '../east/possible-formats';
import { firmwareTarget } from '../firmware/targets/targets';
import type { Graph } from '../graph/graph';
import type { Layer } from '../ops/graph-ops';
import { isWeighted, weightCount, weightedLayers, weightShape } from '../graph/graph';
import type { LoadedModel } from '../models/model';
import { codeOf, type MeasuredCode } from './code';
import { nearestPlan } from './memory';
import { fixedFlash, type FixedFlash, ramUsage, type RamUsage } from './usage';
import { forecastWeights, type TileWeights, type WeightForecast } from './weights';

/** What a forecast follows from besides the network; nothing else of a config matters. */
export type ForecastConfig = Pick<ResolvedConfig, 'budget' | 'east'> & {
  /** Without it the weights are int8. */
  readonly quantization?: Pick<QuantizationConfig, 'weights'>;
  /** Without it the target is the default one. */
  readonly firmware?: Pick<FirmwareConfig, 'target'>;
};

/** All sizes are bytes. */
export interface Forecast {
  readonly graph: Graph;
  /** Of the weights, by layer name; where training chooses them, a guess. */
  readonly formats: Readonly<Record<string, WeightFormat>>;
  /** All that some layer may have in the end; `code` and `tables` count what unpacks each. */
  readonly codeFormats: readonly WeightFormat[];
  /** Those that training may choose from, by layer name. */
  readonly possible: PossibleFormats;
  /** For budget.ram, or for the least RAM where that is not enough. */
  readonly memory: MemoryPlan;
  readonly tileWeights: TileWeights;
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
  /** Before pruning and encoding: denseBytes where the format is int8. */
  readonly packedBytes: number;
  /** Parts the weights are decoded in; 0 for a layer without. */
  readonly tiles: number;
  /** In use while it runs. */
  readonly ram: RamParts;
  /** Entries of the config's `model.layers` that became this layer; empty for a named architecture. */
  readonly entries: readonly number[];
}

export interface FlashForecast extends FixedFlash, WeightForecast {
  /** budget.flash; undefined: not limited. */
  readonly budget: number | undefined;
  /** The smallest possible budget.flash: `fixed` and `leastBlob`. */
  readonly least: number;
}

export interface RamForecast extends RamUsage {
  /** budget.ram; undefined: not limited. */
  readonly budget: number | undefined;
  /** The smallest possible budget.ram, and the layer that needs it. */
  readonly least: number;
  readonly leastLayer: string;
  /** Parts all weights are decoded in. */
  readonly tiles: number;
}

/**
 * @param measured the code's size where the cross compiler told it; counts for the kernels it was measured for
 * @throws UserError where the firmware cannot hold the network
 */
export function forecast(
  config: ForecastConfig,
  { graph, entries }: LoadedModel,
  measured?: MeasuredCode,
): Forecast {
  const { budget } = config;
  const memory = nearestPlan(graph, budget.ram);
  const tileWeights = tileWeightsOf(graph, memory);
  const possible = possibleOf(config, graph);
  const codeFormats = anyFormats(possible);
  const target = firmwareTarget(config.firmware?.target);
  const code = codeOf(graph, codeFormats, measured, target);
  const fixed = fixedFlash(graph, codeFormats, code, target);
  const { weights, formats } = forecastWeights(graph, tileWeights, possible, config, fixed.fixed);
  const layers = graph.layers.map((layer): LayerForecast => {
    const { name, kind, outputShape } = layer;
    const parameters = isWeighted(layer) ? weightCount(layer) : 0;
    const format = formats[name];
    const counts = tileWeights[name] ?? [];
    return {
      name,
      kind,
      weightShape: isWeighted(layer) ? weightShape(layer) : [],
      outputShape,
      parameters,
      denseBytes: parameters,
      format,
      formatOpen: (possible[name]?.length ?? 0) > 1,
      // Each tile begins with a byte of its own.
      packedBytes: format ? counts.reduce((sum, n) => sum + packedBytes(n, format), 0) : 0,
      tiles: counts.length,
      ram: memory.usage[name]!,
      entries: entries.get(name) ?? [],
    };
  });
  return {
    graph,
    formats,
    codeFormats,
    possible,
    memory,
    tileWeights,
    layers,
    flash: {
      ...fixed,
      ...weights,
      budget: budget.flash,
      least: fixed.fixed + weights.leastBlob,
    },
    ram: {
      ...ramUsage(memory),
      budget: budget.ram,
      least: memory.least.bytes,
      leastLayer: memory.least.layer,
      tiles: layers.reduce((sum, layer) => sum + layer.tiles, 0),
    },
  };
}

function tileWeightsOf(graph: Graph, memory: MemoryPlan): TileWeights {
  return Object.fromEntries(
    weightedLayers(graph).map((layer) => [layer.name, tileWeights(layer, memory)]),
  );
}

/** The formats that training may choose from, by layer name. */
function possibleOf({ quantization, budget, east }: ForecastConfig, graph: Graph): PossibleFormats {
  const limited = budget.flash !== undefined || budget.weights !== undefined;
  const pruned = limited && east.method !== 'dense';
  return possibleFormats(graph, quantization ?? { weights: 8 }, pruned);
}

/** All formats that some layer may have: what code has to be measured for before training. */
export function codeFormatsOf(config: ForecastConfig, graph: Graph): WeightFormat[] {
  return anyFormats(possibleOf(config, graph));
}
