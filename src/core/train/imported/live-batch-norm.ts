/**
 * Makes batch norm live again in a network that comes with it folded, or never had any: masks may only move under live
 * batch norm (folded networks collapse when their masks change). Its statistics are those of the network's own sums over
 * examples, its scale and shift such that the function stays what it was; every channel's weights get the norm that
 * fresh ones have, and what they had goes into the scale.
 */
import type { Normalization, Samples } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import {
  channelOf,
  isWeighted,
  outputChannels,
  weightCount,
  weightedLayers,
  weightOrder,
} from '../../graph/graph';
import { takesBatchNorm, type WeightedLayer } from '../../ops/graph-ops';
import type { Engine } from '../engines/engine';
import { BATCH_NORM_EPSILON } from '../../graph/batch-norm';
import { floatNetwork, type FileNumbers, type FloatNetwork } from './float-network';
import { observe, spread } from './observe';
import { scoresTensor } from './signal-to-noise';

/** Examples that statistics are taken of. */
const EXAMPLES = 512;
/** A channel's weights are made larger by no more than this times what the layer's largest are: dead ones stay small. */
const SMALLEST_SHARE = 1e-3;

/** The graph that such a network is trained as: batch norm behind every weighted layer but those that give its scores. */
export function liveGraph(graph: Graph): Graph {
  const scores = scoresTensor(graph);
  return {
    ...graph,
    layers: graph.layers.map((layer) =>
      isWeighted(layer) && layer.name !== scores && takesBatchNorm(layer.kind)
        ? { ...layer, batchNorm: true }
        : layer,
    ),
  };
}

/** Parameters by the keys of a snapshot, for the live graph: what a training starts from. */
export type StartArrays = Record<string, Float32Array | Uint8Array>;

/**
 * What the live graph's training starts from; it computes what the file's network does. Batch norm that is live in the
 * file starts from the file's own numbers.
 */
export async function liveParameters(
  engine: Engine,
  file: FileNumbers,
  samples: Samples,
  normalization: Normalization,
): Promise<StartArrays> {
  const network = floatNetwork(file);
  const live = liveGraph(file.graph);
  const missing = weightedLayers(live).filter(
    ({ name, batchNorm }) => batchNorm && file.batchNorm?.[name] === undefined,
  );
  const statistics =
    missing.length === 0
      ? new Map<string, Moments>()
      : await momentsOf(engine, network, spread(samples, EXAMPLES), normalization);
  const arrays: StartArrays = {};
  for (const layer of weightedLayers(live)) {
    const put = (key: string, values: Float32Array | Uint8Array): void => {
      arrays[`${layer.name}.${key}`] = values;
    };
    put('mask', new Uint8Array(weightCount(layer)).fill(1));
    const norm = file.batchNorm?.[layer.name];
    const { weights, bias } = network.layers[layer.name]!;
    if (!layer.batchNorm) {
      put('weights', weights);
      put('bias', bias);
    } else if (norm !== undefined) {
      const unfolded = file.weights![layer.name]!;
      put('weights', unfolded.weights);
      put('gamma', norm.gamma);
      put('bias', norm.beta);
      // A bias before batch norm only shifts the mean.
      put(
        'mean',
        norm.mean.map((mean, c) => mean - unfolded.bias[c]!),
      );
      put('variance', norm.variance);
    } else {
      const apart = scalesApart(layer, network, statistics.get(layer.name)!);
      for (const [key, values] of Object.entries(apart)) put(key, values);
    }
  }
  return arrays;
}

interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Of every weighted layer's sums of products, by channel. */
async function momentsOf(
  engine: Engine,
  network: FloatNetwork,
  samples: Samples,
  normalization: Normalization,
): Promise<Map<string, Moments>> {
  const channels = new Map(weightedLayers(network.graph).map((l) => [l.name, outputChannels(l)]));
  const sums = new Map(
    [...channels].map(([name, n]) => [
      name,
      { count: 0, sum: new Float64Array(n), squares: new Float64Array(n) },
    ]),
  );
  await observe(engine, network, samples, normalization, {
    products: (name, values) => {
      const { sum, squares } = sums.get(name)!;
      const width = sum.length;
      for (let i = 0; i < values.length; i++) {
        const c = i % width;
        sum[c] = sum[c]! + values[i]!;
        squares[c] = squares[c]! + values[i]! * values[i]!;
      }
      sums.get(name)!.count += values.length / width;
    },
  });
  return new Map(
    [...sums].map(([name, { count, sum, squares }]) => {
      const mean = sum.map((s) => s / count);
      return [
        name,
        { mean, variance: squares.map((s, c) => Math.max(0, s / count - mean[c]! ** 2)) },
      ];
    }),
  );
}

/** y = gamma · (z / k − mean) / √(variance + ε) + bias is the layer's w·x + b, z = w·x, for any k above 0. */
function scalesApart(
  layer: WeightedLayer,
  { layers }: FloatNetwork,
  { mean, variance }: Moments,
): Record<'weights' | 'gamma' | 'bias' | 'mean' | 'variance', Float32Array> {
  const { weights, bias } = layers[layer.name]!;
  const order = weightOrder(layer);
  const norms = new Float64Array(order.channels);
  weights.forEach((w, i) => {
    const c = channelOf(order, i);
    norms[c] = norms[c]! + w * w;
  });
  const largest = Math.sqrt(norms.reduce((max, n) => Math.max(max, n), 0));
  // Fresh weights have deviation √(2 / perChannel), so the norm √2 (pass/parameters.ts).
  const k = norms.map((n) => Math.max(Math.sqrt(n), largest * SMALLEST_SHARE) / Math.SQRT2 || 1);
  const scaledMean = Float32Array.from(mean, (m, c) => m / k[c]!);
  const scaledVariance = Float32Array.from(variance, (v, c) => v / k[c]! ** 2);
  const gamma = Float32Array.from(
    scaledVariance,
    (v, c) => k[c]! * Math.sqrt(v + BATCH_NORM_EPSILON),
  );
  return {
    weights: weights.map((w, i) => w / k[channelOf(order, i)]!),
    gamma,
    bias: bias.map((b, c) => b + mean[c]!),
    mean: scaledMean,
    variance: scaledVariance,
  };
}
