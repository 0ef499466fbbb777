/**
 * Filter pruning as a rival: whole output channels of the shared float network are removed until the dense int8 weights
 * of what is left fit the budget (blob: header, tile table, blocks). Nothing else is done to them, so a runtime without
 * any decoder would save as much.
 */
import { forecast } from '../../src/core/plan/forecast';
import type { ModelConfig } from '../../src/core/config/config';
import type { Batch, Dataset } from '../../src/core/dataset/dataset';
import { BatchSource } from '../../src/core/dataset/batches';
import { loadModel } from '../../src/core/models/models';
import { channelGroups, type ChannelGroups } from '../../src/core/graph/channel-groups';
import type { Graph } from '../../src/core/graph/graph';
import {
  outputChannels,
  weightedLayers,
  weightOrder,
  weightShape,
} from '../../src/core/graph/graph';
import { graphOp } from '../../src/core/ops/graph-ops';
import { elements } from '../../src/core/ops/shape';
import type { Engine } from '../../src/core/train/engines/engine';
import { foldBatchNorm } from '../../src/core/train/pass/fold-batch-norm';
import { Network } from '../../src/core/train/shards/network';
import type { Parameters } from '../../src/core/train/pass/parameters';
import { initialParameters, parameterArrays } from '../../src/core/train/pass/parameters';
import type { LayerArrays } from '../../src/core/train/pass/pass';
import { soloTeam } from '../../src/core/train/shards/team';
import { restoreParameters, type SnapshotArray } from '../../src/core/train/loop/training-state';
import { frameworkWeights } from '../../src/core/train/pass/weight-quantization';
import type { Arrays, Kept } from './filters';
import { keepAll, smallerArrays, smallerModel } from './filters';

/** By group of channels: what removing each is expected to cost. */
export type Saliency = readonly Float64Array[];

export interface SmallerNetwork {
  readonly model: ModelConfig;
  /** For `training.initialWeights`: parameters by the keys of a snapshot, batch norm's statistics computed anew. */
  readonly arrays: Record<string, SnapshotArray>;
  readonly kept: Kept;
}

export interface FilterPruning {
  readonly model: ModelConfig;
  /** Parameters of the trained float network. */
  readonly arrays: Arrays;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Of the blob; and of the arena, which decides on the tiles. */
  readonly budget: { readonly weights: number; readonly ram: number };
  readonly seed: number;
  /** How much the bytes that a channel takes count against its saliency: 0 not at all, 1 is saliency per byte. */
  readonly byteWeight?: number;
}

/** Batches that the saliency is summed over, and batch norm's statistics afterwards. */
const SALIENCY_BATCHES = 60;
const STATISTICS_BATCHES = 20;
const BATCH = 128;

/** Removes the channels of least saliency. Deterministic for a seed and engine. */
export async function pruneFilters(request: FilterPruning): Promise<SmallerNetwork> {
  const { model, arrays, dataset, engine, budget, seed } = request;
  const graph = loadModel(model).graph;
  const channels = channelGroups(graph);
  const batches = new BatchSource({
    samples: dataset.train,
    normalization: dataset.normalization,
    augmentation: { flip: true, shift: 4, noise: 0 },
    batchSize: BATCH,
    seed,
  });
  const some = (count: number): Batch[] =>
    Array.from({ length: Math.min(count, batches.stepsPerEpoch) }, (_, i) => batches.make(i));
  const parameters = parametersOf(graph, arrays);
  const batch = some(SALIENCY_BATCHES);
  const saliency = relative(await taylorSaliency(engine, graph, channels, parameters, batch));
  const fits = (smaller: ModelConfig): boolean => blobBytes(smaller, budget.ram) <= budget.weights;
  const kept = chooseChannels(graph, channels, saliency, fits, request.byteWeight ?? 0);
  const smaller = smallerModel(graph, channels, kept);
  const smallerGraph = loadModel(smaller).graph;
  const left = parametersOf(smallerGraph, smallerArrays(graph, channels, kept, arrays));
  await new Network(soloTeam(engine, smallerGraph), smallerGraph, left).recomputeStatistics(
    some(STATISTICS_BATCHES),
  );
  return { model: smaller, arrays: { ...parameterArrays(left) }, kept };
}

export function parametersOf(graph: Graph, arrays: Arrays): Parameters {
  const parameters = initialParameters(graph, 0);
  restoreParameters(arrays, parameters);
  return parameters;
}

/** Of all weights as dense int8, stored raw: what they take at most, whatever they will be. */
export function blobBytes(model: ModelConfig, ram: number): number {
  return forecast({ budget: { ram }, east: { method: 'dense' } }, loadModel(model)).flash.leastBlob;
}

/**
 * First-order estimate of how the loss changes without a channel, by batch norm's scale and shift as its gate:
 * (Σ γ·∂L/∂γ + β·∂L/∂β)² over the layers that compute it, mean over batches (Molchanov et al. 2019, "Taylor FO BN").
 */
export async function taylorSaliency(
  engine: Engine,
  graph: Graph,
  { groups, groupOf }: ChannelGroups,
  parameters: Parameters,
  batches: readonly Batch[],
): Promise<Saliency> {
  const layers = weightedLayers(graph);
  const arrays = layers.map((layer): LayerArrays => {
    const p = parameters.get(layer.name)!;
    const weights = frameworkWeights(layer, p, undefined);
    return { weights, bias: p.bias.slice(), ...(p.gamma ? { gamma: p.gamma.slice() } : {}) };
  });
  const team = soloTeam(engine, graph);
  const saliency = groups.map(({ channels }) => new Float64Array(channels));
  for (const batch of batches) {
    const { gradients } = await team.run(arrays, batch, {
      kind: 'gradients',
      loss: { task: 'classification', labelSmoothing: 0 },
      ranges: false,
    });
    const change = groups.map(({ channels }) => new Float64Array(channels));
    layers.forEach(({ name }, l) => {
      const { gamma, bias } = arrays[l]!;
      const gradient = gradients[l]!;
      const sum = change[groupOf.get(name)!]!;
      bias.forEach((b, c) => {
        const scale = gamma ? gamma[c]! * gradient.gamma![c]! : 0;
        sum[c % sum.length]! += scale + b * gradient.bias[c]!;
      });
    });
    change.forEach((group, g) => {
      group.forEach((value, c) => {
        saliency[g]![c]! += (value * value) / batches.length;
      });
    });
  }
  return saliency;
}

/**
 * Each group's in units of its Euclidean norm, as Molchanov et al. (2017) compare layers. After 120 float steps, one seed,
 * this gave 66.2 and 61.1 % on the test set at 25 and 15 % of the bytes; per √byte without norms 63.8 and 59.1, energies
 * 63.2 and 57.2, the same share of every group 63.3 and 54.5.
 */
export function relative(saliency: Saliency): Saliency {
  return saliency.map((group) => {
    const norm = Math.hypot(...group);
    return norm > 0 ? group.map((value) => value / norm) : group;
  });
}

/**
 * Energy of a channel's effective weights (batch norm's γ/σ included), in every layer that computes it, plus that of the
 * weights that read it, each as a share of its layer's. Needs no data.
 */
export function energySaliency(
  graph: Graph,
  { groups, groupOf }: ChannelGroups,
  parameters: Parameters,
): Saliency {
  const saliency = groups.map(({ channels }) => new Float64Array(channels));
  for (const layer of weightedLayers(graph)) {
    const p = parameters.get(layer.name)!;
    const { factor } = foldBatchNorm(p, outputChannels(layer));
    const shape = weightShape(layer);
    const own = graphOp(layer.kind).channels === 'each';
    const perOutput = elements(shape) / outputChannels(layer);
    const out = saliency[groupOf.get(layer.name)!]!;
    const into = saliency[groupOf.get(layer.inputs[0]!)!]!;
    const energy = Float64Array.from(p.weights, (w, i) => {
      const c = own ? i % outputChannels(layer) : Math.floor(i / perOutput);
      return (w * factor[c]!) ** 2;
    });
    const total = energy.reduce((a, b) => a + b, 0);
    energy.forEach((e, i) => {
      const c = own ? i : Math.floor(i / perOutput);
      out[c % out.length]! += e / total;
      if (!own) into[(i % shape.at(-1)!) % into.length]! += e / total;
    });
  }
  return saliency;
}

/**
 * Removes channels one by one, the one of least saliency for the bytes it takes just then, until `fits`; then puts back
 * the most salient of them as long as it still does. No group loses its last channel.
 */
export function chooseChannels(
  graph: Graph,
  channels: ChannelGroups,
  saliency: Saliency,
  fits: (model: ModelConfig) => boolean,
  byteWeight: number,
): Uint8Array[] {
  const kept = keepAll(channels);
  const { groups } = channels;
  const count = (group: number): number => kept[group]!.reduce((sum, k) => sum + k, 0);
  const removed: { group: number; channel: number }[] = [];
  while (!fits(smallerModel(graph, channels, kept))) {
    let least = Infinity;
    let found: { group: number; channel: number } | undefined;
    groups.forEach(({ fixed }, group) => {
      if (fixed || count(group) < 2) return;
      const bytes = bytesOfChannel(graph, channels, kept, group);
      saliency[group]!.forEach((value, channel) => {
        const cost = value / bytes ** byteWeight;
        if (kept[group]![channel] === 0 || cost >= least) return;
        least = cost;
        found = { group, channel };
      });
    });
    if (found === undefined) throw new Error('one channel a layer is still too much');
    kept[found.group]![found.channel] = 0;
    removed.push(found);
  }
  const bySaliency = [...removed].sort(
    (a, b) => saliency[b.group]![b.channel]! - saliency[a.group]![a.channel]!,
  );
  for (const { group, channel } of bySaliency) {
    kept[group]![channel] = 1;
    if (!fits(smallerModel(graph, channels, kept))) kept[group]![channel] = 0;
  }
  return kept;
}

/** Weights that go with one more channel of a group, as the network stands. */
function bytesOfChannel(
  graph: Graph,
  { groupOf }: ChannelGroups,
  kept: Kept,
  group: number,
): number {
  const left = (name: string): number => kept[groupOf.get(name)!]!.reduce((sum, k) => sum + k, 0);
  return weightedLayers(graph).reduce((bytes, layer) => {
    const input = layer.inputs[0]!;
    const repeated = elements(weightShape(layer).slice(1)) / kept[groupOf.get(input)!]!.length;
    if (graphOp(layer.kind).channels === 'each') {
      return bytes + (groupOf.get(input) === group ? weightOrder(layer).perChannel : 0);
    }
    const out = groupOf.get(layer.name) === group ? repeated * left(input) : 0;
    const into = groupOf.get(input) === group ? repeated * left(layer.name) : 0;
    return bytes + out + into;
  }, 0);
}
