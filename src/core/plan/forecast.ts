/**
 * What a config will take, from shapes alone and before any training: which bytes of flash are fixed, what the budget
 * leaves for the weights, where the RAM peaks. Training plans with it, the editor shows it as one types.
 */
import type { MeasuredCode } from '../firmware/fixed-flash';
import type { MemoryPlan, RamParts, RamUsage } from '../firmware/memory-plan';
import type { WeightFormat } from '../formats/formats';
import { packedBytes } from '../formats/packing';
import type { Graph } from '../graph/graph';
import { isWeighted, weightCount, weightShape } from '../graph/graph';
import { featureShape } from '../frontends/frontends';
import { alongStream, hopProblem, timeAxis } from '../graph/stream';
import type { LoadedModel } from '../models/model';
import type { Layer } from '../ops/graph-ops';
import { firmwareTarget } from '../firmware/targets/targets';
import { type FrontendCost, frontendCost } from './frontend-cost';
import { type DecodingForecast, planDecoding } from './decoding';
import { type FlashPlan, type ForecastConfig, planFlash } from './flash';
import { defined } from '../util/defined';
import { leastRam, nearestArena, withFrontend } from './frontend-ram';

/** All sizes are bytes. */
export interface Forecast extends FlashPlan {
  readonly graph: Graph;
  /** For budget.ram, or for the least RAM where that is not enough. */
  readonly memory: MemoryPlan;
  /** In the order they run. */
  readonly layers: readonly LayerForecast[];
  readonly ram: RamForecast;
  readonly decoding: DecodingForecast;
  /** Of flash and RAM what the front end takes, and its instructions; undefined without one. */
  readonly frontend?: FrontendCost;
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

export interface RamForecast extends RamUsage {
  /** budget.ram; undefined: not limited. */
  readonly budget: number | undefined;
  /** The smallest possible budget.ram, and the layer that needs it. */
  readonly least: number;
  readonly leastLayer: string;
  /** Parts all weights are decoded in. */
  readonly tiles: number;
}

type StreamConfig = Pick<ForecastConfig, 'firmware' | 'frontend' | 'task'>;

/** Why the firmware cannot run along the stream that the config asks for; undefined where it can, or where none is asked for. */
export function streamProblem(
  graph: Graph,
  { firmware, frontend, task }: StreamConfig,
): string | undefined {
  const hop = firmware?.stream;
  if (hop === undefined) return undefined;
  if (task?.kind === 'anomaly') {
    return (
      'the score of an anomaly compares the output with the whole window, which a stream does not keep in one piece; leave "stream" out' +
      (frontend === undefined ? '' : ': <name>_push() computes each frame once all the same')
    );
  }
  if (frontend !== undefined && featureShape(frontend)[0] !== graph.inputShape[timeAxis(graph)]) {
    return 'the front end gives one frame, so the network has no time to run along; leave "stream" out';
  }
  return hopProblem(graph, hop);
}

/** The network as the firmware runs it: along a stream where the config says so and nothing speaks against it. */
export function asDeployed(graph: Graph, config: StreamConfig): Graph {
  return streamProblem(graph, config) === undefined
    ? alongStream(graph, config.firmware?.stream)
    : graph;
}

/**
 * @param measured the code's size where the cross compiler told it; counts for the kernels it was measured for
 * @throws UserError where the firmware cannot hold the network
 */
export function forecast(
  config: ForecastConfig,
  { graph: whole, entries }: Pick<LoadedModel, 'graph' | 'entries'>,
  measured?: MeasuredCode,
): Forecast {
  const graph = asDeployed(whole, config);
  const { frontend } = config;
  const memory = nearestArena(graph, config.budget.ram, frontend);
  const plan = planFlash(graph, memory.tileWeights, config, measured);
  const layers = graph.layers.map((layer): LayerForecast => {
    const { name, kind, outputShape } = layer;
    const parameters = isWeighted(layer) ? weightCount(layer) : 0;
    const format = plan.formats[name];
    const counts = memory.tileWeights[name] ?? [];
    return {
      name,
      kind,
      weightShape: isWeighted(layer) ? weightShape(layer) : [],
      outputShape,
      parameters,
      denseBytes: parameters,
      format,
      formatOpen: (plan.possible[name]?.length ?? 0) > 1,
      // Each tile begins with a byte of its own.
      packedBytes: format ? counts.reduce((sum, n) => sum + packedBytes(n, format), 0) : 0,
      tiles: counts.length,
      ram: memory.usage[name]!,
      entries: entries.get(name) ?? [],
    };
  });
  const ram: RamForecast = {
    ...withFrontend(memory, frontend),
    budget: config.budget.ram,
    least: leastRam(memory, frontend),
    leastLayer: memory.least.layer,
    tiles: layers.reduce((sum, layer) => sum + layer.tiles, 0),
  };
  const target = firmwareTarget(config.firmware?.target);
  const decoding = planDecoding(
    graph,
    plan.possible,
    memory.tileWeights,
    plan.codecs,
    config,
    target,
  );
  const itsFrontend = frontendCost(frontend, graph, plan.flash.code, ram, target);
  return {
    ...plan,
    graph,
    memory,
    layers,
    ram,
    decoding,
    ...defined({ frontend: itsFrontend }),
  };
}
