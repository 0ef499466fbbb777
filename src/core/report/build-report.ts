/** Derives a run's report from the bytes that lie in flash; every other place shows these numbers. */
import type { ResolvedConfig } from '../config/config';
import type { Normalization } from '../dataset/dataset';
import type { Target } from '../firmware/targets/target';
import { firmwareTarget } from '../firmware/targets/targets';
import { USUAL_CODEC } from '../codecs/choice';
import { isPlain } from '../codecs/coding';
import { blobHeaderBytes, layerBlobBytes } from '../firmware/blob';
import type { EncodedLayer, EncodedModel } from '../firmware/encoded-model';
import { decodingOf, storedComputeInstructions } from '../firmware/instructions';
import type { MemoryPlan } from '../firmware/memory-plan';
import type { CodeSize } from '../firmware/code-table';
import type { LayerNoise, QuantizationChoice } from '../quant/noise';
import type { TaskDetails } from '../tasks/details';
import { limitsOf } from '../plan/limits';
import { type FrontendCost, frontendCost } from '../plan/frontend-cost';
import { withFrontend } from '../plan/frontend-ram';
import { flashUsage } from '../plan/usage';
import type { WeightedLayer } from '../ops/graph-ops';
import { totalMacs, weightCount, weightedLayers, weightShape, type Graph } from '../graph/graph';
import { alongStream } from '../graph/stream';
import { type LayerReport, type Report, sizesOf, type StreamReport } from './report';
import { levelsOf, savingsOf } from './measure-savings';
import { shortfall } from './floor';
import { defined } from '../util/defined';

export interface ReportInput {
  readonly encoded: EncodedModel;
  readonly plan: MemoryPlan;
  readonly code: CodeSize;
  /** Most bytes the blob may take: the tighter of budget.weights and what budget.flash leaves. */
  readonly blobBudget: number | undefined;
  readonly measured: Report['measured'];
  readonly testExamples: number;
  /** Beyond the metric, of the network that the firmware computes. */
  readonly details?: TaskDetails;
  readonly warnings?: readonly string[];
  /** Undefined without test examples. */
  readonly baseline?: number;
  /** What examples became for the network; undefined without any. */
  readonly normalization?: Normalization;
  /** The run's id, and what trained it (Report.trainedWith). */
  readonly run: string;
  readonly trainedWith: string;
  /** Of the report, where it is not that of the config. */
  readonly method?: string;
  /** Where the network was quantised without training: how, and what that cost each layer. */
  readonly quantized?: {
    readonly choice: QuantizationChoice;
    readonly noise: readonly LayerNoise[];
  };
  readonly config: Pick<ResolvedConfig, 'name' | 'east' | 'training' | 'budget' | 'firmware'>;
}

/**
 * The layers' stored bytes (tiles and their table entries) and the blob's header add up to `flash.weights`, which is the
 * blob's length. Throws Error where the model contradicts itself.
 */
export function buildReport(input: ReportInput): Report {
  const { encoded, plan, measured, testExamples, baseline, config, blobBudget } = input;
  const byName = new Map(encoded.layers.map((layer) => [layer.name, layer]));
  const layers = weightedLayers(encoded.model.graph).map((layer) => {
    const stored = byName.get(layer.name);
    const weights = encoded.model.layers[layer.name]?.weights;
    if (stored === undefined || weights?.length !== weightCount(layer)) {
      throw new Error(`the encoded model does not have layer ${layer.name}'s weights`);
    }
    return measure(layer, stored, weights);
  });
  const sum = (of: (layer: Measured) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0);
  const blobBytes = sum((layer) => layer.blobBytes);
  const weights = encoded.blob.length;
  if (blobBytes + blobHeaderBytes(encoded.layers) !== weights) {
    throw new Error(`the layers take ${blobBytes} bytes, but the blob has ${weights}`);
  }
  const parameters = sum((layer) => layer.parameters);
  const target = firmwareTarget(config.firmware.target);
  const { graph } = encoded.model;
  const deployed = {
    ...encoded,
    model: { ...encoded.model, graph: alongStream(graph, plan.stream?.step.hop) },
  };
  const flash = flashUsage(deployed, input.code, target);
  const ram = withFrontend(plan, encoded.model.frontend?.config);
  const frontend = frontendCost(
    encoded.model.frontend?.config,
    deployed.model.graph,
    input.code,
    ram,
    target,
  );
  const { flash: flashLimit, ram: ramLimit, decode } = config.budget;
  const limited = decode !== undefined && decode < 1;
  const floor = config.budget.accuracy ?? config.budget.floor;
  const budget: Report['budget'] = {
    ...defined({ flash: flashLimit, ram: ramLimit, weights: blobBudget }),
    ...(limited ? { decode } : {}),
  };
  return {
    version: 3,
    name: config.name,
    run: input.run,
    method: input.method ?? config.east.method,
    ...(config.east.encoder === 'greedy' ? { encoder: 'greedy' } : {}),
    trainedWith: input.trainedWith,
    seed: config.training.seed,
    ...defined({ quantized: input.quantized?.choice }),
    layers: layers.map(({ zeros, ...layer }): LayerReport => ({
      ...layer,
      ...noiseOf(layer.name, input.quantized?.noise),
      sparsity: zeros / layer.parameters,
      ratio: layer.parameters / layer.blobBytes,
      share: layer.blobBytes / blobBytes,
    })),
    parameters,
    denseBytes: parameters,
    sparsity: sum((layer) => layer.zeros) / parameters,
    ratio: parameters / weights,
    flash,
    ram,
    instructions: {
      decoding: Math.round(decodingOf(encoded, target)),
      computing: Math.round(storedComputeInstructions(deployed, target)),
    },
    ...defined({
      frontend,
      stream: plan.stream && {
        ...streamReport(graph, plan.stream),
        instructions: streamInstructions(
          encoded,
          { step: deployed.model.graph, window: graph },
          frontend,
          target,
        ),
      },
    }),
    measured,
    testExamples,
    ...defined({ details: input.details }),
    ...defined({ baseline, guessed: input.normalization?.guessed }),
    budget,
    ...defined({ floor, warnings: input.warnings?.length === 0 ? undefined : input.warnings }),
    withinBudget:
      limitsOf(sizesOf({ flash, ram }), budget).every(({ met }) => met) &&
      shortfall({ measured, floor }) === undefined,
  };
}

function streamInstructions(
  encoded: EncodedModel,
  { step, window }: { readonly step: Graph; readonly window: Graph },
  frontend: FrontendCost | undefined,
  target: Target,
): NonNullable<StreamReport['instructions']> {
  const decoding = decodingOf(encoded, target);
  const of = (network: Graph, frames: number): number =>
    Math.round(decoding) +
    Math.round(
      storedComputeInstructions(
        { ...encoded, model: { ...encoded.model, graph: network } },
        target,
      ),
    ) +
    frames * (frontend?.instructions ?? 0);
  const { frames = { output: 0, window: 0 } } = frontend ?? {};
  return {
    step: of(step, frames.output),
    window: of(window, frames.window),
  };
}

function streamReport(
  graph: Graph,
  { step, window }: NonNullable<MemoryPlan['stream']>,
): StreamReport {
  return {
    hop: step.hop,
    macs: { step: totalMacs(step.graph), window: totalMacs(graph) },
    windowRam: window.ram.total,
    anew: graph.layers.map(({ name }) => name).filter((name) => !step.streamed.includes(name)),
    exact: step.exact,
  };
}

function noiseOf(name: string, noise: readonly LayerNoise[] = []): Pick<LayerReport, 'noise'> {
  const found = noise.find(({ layer }) => layer === name);
  if (found === undefined) return {};
  const finite = (value: number): number | undefined =>
    Number.isFinite(value) ? value : undefined;
  return { noise: { ...defined({ output: finite(found.output), own: finite(found.own) }) } };
}

/** Nothing where all are as they always were: LZ4 or raw. */
function codecsOf({ tiles }: EncodedLayer): Pick<LayerReport, 'codecs'> {
  if (tiles.every((tile) => isPlain(tile) || tile.codec === USUAL_CODEC)) return {};
  const ids = [...new Set(tiles.map(({ codec }) => codec))].sort();
  return {
    codecs: Object.fromEntries(
      ids.map((id) => [id, tiles.filter(({ codec }) => codec === id).length]),
    ),
  };
}

type Measured = Omit<LayerReport, 'sparsity' | 'ratio' | 'share'> & { readonly zeros: number };

function measure(layer: WeightedLayer, stored: EncodedLayer, weights: Int8Array): Measured {
  let zeros = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] === 0) zeros++;
  return {
    name: layer.name,
    kind: layer.kind,
    shape: weightShape(layer),
    parameters: weights.length,
    zeros,
    blobBytes: layerBlobBytes(
      stored.tiles.reduce((bytes, tile) => bytes + tile.stored.length, 0),
      stored.tiles.length,
    ),
    tiles: stored.tiles.length,
    rawTiles: stored.tiles.filter(isPlain).length,
    ...codecsOf(stored),
    format: stored.representation.packing,
    ...defined({ levels: levelsOf(stored) }),
    savings: savingsOf(stored),
  };
}
