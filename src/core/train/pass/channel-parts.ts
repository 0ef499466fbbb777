/**
 * What a training step does with the parameters before and after its pass: bring weights into the form that a pass takes,
 * and update them by its gradients. Every channel comes out the same whoever does it, so threads share the channels
 * (shards/) and their number changes nothing.
 */
import type { Graph } from '../../graph/graph';
import type { WeightedLayer } from '../../ops/graph-ops';
import {
  outputChannels,
  sumCount,
  weightCount,
  weightedLayers,
  weightOrder,
} from '../../graph/graph';
import type { Optimizer } from './optimizer';
import type { LayerParameters, Parameters } from './parameters';
import { trainables } from './parameters';
import type { LayerArrays } from './pass';
import {
  addStorageGradient,
  quantizeLayerWeights,
  writeFrameworkWeights,
} from './weight-quantization';

/** Output channels `first` … `end − 1` of a layer. */
export interface ChannelPart {
  /** Among the graph's weighted layers. */
  readonly layer: number;
  readonly first: number;
  readonly end: number;
}

export interface TrainedLayer {
  readonly layer: WeightedLayer;
  readonly parameters: LayerParameters;
}

export function trainedLayers(graph: Graph, parameters: Parameters): TrainedLayer[] {
  return weightedLayers(graph).map((layer) => ({
    layer,
    parameters: parameters.get(layer.name)!,
  }));
}

/** Gradients over some of a batch's examples, which are that share of all. */
export interface SharedGradients {
  readonly share: number;
  readonly gradients: readonly LayerArrays[];
}

export interface Update {
  /** 1-based step since the optimiser started. */
  readonly optimizerStep: number;
  readonly rate: number;
  /** Pruned weights get no updates (masks are frozen). */
  readonly freezePruned: boolean;
}

/** Every channel of every weighted layer once, in `count` parts of about as many weights. */
export function channelParts(graph: Graph, count: number): ChannelPart[][] {
  const layers = weightedLayers(graph);
  const total = layers.reduce((sum, layer) => sum + weightCount(layer), 0);
  const parts = Array.from({ length: count }, (): ChannelPart[] => []);
  let before = 0;
  layers.forEach((layer, index) => {
    const { channels, together } = weightOrder(layer);
    const weights = weightCount(layer);
    for (let c = 0; c < channels; c += together) {
      const middle = before + ((c + together / 2) * weights) / channels;
      const part = parts[Math.floor((middle * count) / total)]!;
      const last = part.at(-1);
      if (last?.layer === index) part[part.length - 1] = { ...last, end: c + together };
      else part.push({ layer: index, first: c, end: c + together });
    }
    before += weights;
  });
  return parts;
}

/** Arrays for the parameters of all layers, to be prepared. */
export function emptyLayers(graph: Graph): LayerArrays[] {
  return weightedLayers(graph).map((layer) => {
    const channels = outputChannels(layer);
    const arrays = {
      weights: new Float32Array(weightCount(layer)),
      bias: new Float32Array(sumCount(layer)),
    };
    return layer.batchNorm ? { ...arrays, gamma: new Float32Array(channels) } : arrays;
  });
}

/** What a training pass takes, of all layers, in new arrays. */
export function trainingLayers(
  graph: Graph,
  layers: readonly TrainedLayer[],
  quantized: boolean,
): LayerArrays[] {
  const prepared = emptyLayers(graph);
  for (const part of channelParts(graph, 1)) prepareChannels(layers, part, quantized, prepared);
  return prepared;
}

/** Writes what a training pass takes to `prepared`, batch norm live; weights on the grid of their format if `quantized`. */
export function prepareChannels(
  layers: readonly TrainedLayer[],
  parts: readonly ChannelPart[],
  quantized: boolean,
  prepared: readonly LayerArrays[],
): void {
  for (const part of parts) {
    const { layer, parameters } = layers[part.layer]!;
    const { first, end } = part;
    const target = prepared[part.layer]!;
    const codes = quantized ? quantizeLayerWeights(layer, parameters, first, end) : undefined;
    writeFrameworkWeights(layer, parameters, codes, part, target.weights);
    const sums = sumsPerChannel(layer);
    target.bias.set(parameters.bias.subarray(first * sums, end * sums), first * sums);
    if (parameters.gamma) target.gamma!.set(parameters.gamma.subarray(first, end), first);
  }
}

/**
 * One step of the optimiser by the average of the gradients, added up in their order: floating-point sums depend on it.
 * The optimiser's step has begun.
 */
export function updateChannels(
  layers: readonly TrainedLayer[],
  parts: readonly ChannelPart[],
  shards: readonly SharedGradients[],
  optimizer: Optimizer,
  { rate, freezePruned }: Pick<Update, 'rate' | 'freezePruned'>,
): void {
  for (const part of parts) {
    const { layer, parameters } = layers[part.layer]!;
    const perChannel = parameters.weights.length / outputChannels(layer);
    const sums = sumsPerChannel(layer);
    for (const { kind, key, values } of trainables(layer.name, parameters)) {
      const width = kind === 'weights' ? perChannel : kind === 'bias' ? sums : 1;
      const start = part.first * width;
      const gradient = new Float32Array((part.end - part.first) * width);
      for (const { share, gradients } of shards) {
        const of = gradients[part.layer]![kind]!;
        if (kind === 'weights') addStorageGradient(layer, of, share, part, gradient);
        else
          for (let i = 0; i < gradient.length; i++)
            gradient[i] = gradient[i]! + share * of[start + i]!;
      }
      if (kind === 'weights' && freezePruned) {
        for (let i = 0; i < gradient.length; i++) {
          if (parameters.mask[start + i] === 0) gradient[i] = 0;
        }
      }
      optimizer.update(key, values, gradient, rate, kind === 'weights', start);
    }
  }
}

/** Where it is more than one, a part has all channels of the layer, so that the order of their biases does not count. */
function sumsPerChannel(layer: WeightedLayer): number {
  return sumCount(layer) / outputChannels(layer);
}
