/**
 * The network as data: what the config means, before any training framework sees it. Training, quantisation, the
 * memory planner and the C emitter all walk this one structure, in the order of `layers` (topological). What kinds of
 * layers there are is said by core/ops.
 */
import type { LayerWeights } from '../ops/graph-op';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import { graphOp } from '../ops/graph-ops';
import type { Shape } from '../ops/shape';
import { elements } from '../ops/shape';
import { defined } from '../util/defined';

export interface Graph {
  /** Shape of one example. */
  readonly inputShape: Shape;
  /** Topological order; the last layer is the output, where `outputs` names no others. */
  readonly layers: readonly Layer[];
  /** Layers whose codes the network puts out, one after the other; absent where that is the last layer alone. */
  readonly outputs?: readonly string[];
  /** What is left out at random while the float network is trained; the network that is deployed does not know of it. */
  readonly dropout?: readonly Dropout[];
  /** Where the firmware runs along a stream (stream.ts): moments of the input that a step brings. Training does not know of it. */
  readonly hop?: number;
  /** Only of the network of a stream's step (stream.ts): tensors of which moments are kept from step to step. */
  readonly kept?: readonly KeptTensor[];
}

/** An input of a layer of which, in training, a share of the values is 0 and the rest as much larger. */
export interface Dropout {
  /** Who reads the same tensor by the same name sees the same values. */
  readonly name: string;
  readonly reader: string;
  /** Which of the reader's inputs. */
  readonly input: number;
  /** Share of the values, in (0, 1). */
  readonly rate: number;
}

/** A tensor whose past lies in front of what a step brings; behind each step all of it moves forward by that much. Bytes. */
export interface KeptTensor {
  /** Whose fresh moments go by this name. */
  readonly tensor: string;
  readonly past: number;
  readonly fresh: number;
  /** What layers read of both, and where each begins. */
  readonly views: readonly {
    readonly name: string;
    readonly offset: number;
    readonly bytes: number;
  }[];
}

export const INPUT = 'input';

export function isWeighted(layer: Layer): layer is WeightedLayer {
  return graphOp(layer.kind).weights !== undefined;
}

export function weightedLayers(graph: Graph): WeightedLayer[] {
  return graph.layers.filter(isWeighted);
}

/** Tensors that the network gives, in the order in which they lie one after the other. */
export function outputTensors({ layers, outputs }: Graph): readonly string[] {
  return outputs ?? [layers.at(-1)?.name ?? INPUT];
}

/** Numbers the network gives for one example, of all outputs together. */
export function outputSize(graph: Graph): number {
  return outputTensors(graph).reduce((sum, name) => sum + elements(shapeOf(graph, name)), 0);
}

/** Numbers of the first output, the one that scores are read from. */
export function firstOutputSize(graph: Graph): number {
  return elements(shapeOf(graph, outputTensors(graph)[0] ?? INPUT));
}

/** Of a tensor: the input or a layer's output. */
export function shapeOf({ layers, inputShape }: Graph, name: string): Shape {
  return layers.find((layer) => layer.name === name)?.outputShape ?? inputShape;
}

/**
 * Number of channels that the weights have: filters, channels or units of the output; of recurrent layers one for each gate of
 * each unit.
 */
export function outputChannels(layer: WeightedLayer): number {
  return weightsOf(layer).channels?.(layer) ?? layer.outputShape[2];
}

/** How many weights of a channel belong to each of its parts (LayerWeights.parts). */
export function weightParts(layer: WeightedLayer): readonly number[] {
  return weightsOf(layer).parts?.(layer) ?? [weightOrder(layer).perChannel];
}

/** How many sums the weights make: those of the first parts of all channels, then those of the second … One bias, scale and multiplier each. */
export function sumCount(layer: WeightedLayer): number {
  return outputChannels(layer) * (weightsOf(layer).parts?.(layer).length ?? 1);
}

/** The sum that the weight at `index` in storage order belongs to. */
export function sumOf(layer: WeightedLayer): (index: number) => number {
  const order = weightOrder(layer);
  const parts = weightParts(layer);
  if (parts.length === 1) return (index) => channelOf(order, index);
  const { channels, perChannel } = order;
  const partOf = parts.flatMap((count, part) => new Array<number>(count).fill(part));
  return (index) => partOf[index % perChannel]! * channels + channelOf(order, index);
}

/** Dimensions of the weights in storage order (see each layer kind). */
export function weightShape(layer: WeightedLayer): readonly number[] {
  return weightsOf(layer).shape(layer);
}

export function weightCount(layer: WeightedLayer): number {
  return elements(weightShape(layer));
}

/**
 * Where the weights of each output channel lie in storage order: weight k of channel c at
 * `c · channelStep + k · weightStep`.
 */
export interface WeightOrder {
  readonly channels: number;
  readonly perChannel: number;
  readonly channelStep: number;
  readonly weightStep: number;
  /** Channels that one range of weights holds: one, or all of them where their weights alternate or are used together. */
  readonly together: number;
}

export function weightOrder(layer: WeightedLayer): WeightOrder {
  const channels = outputChannels(layer);
  const perChannel = weightCount(layer) / channels;
  const { channel, together = false } = weightsOf(layer);
  return channel === 'first'
    ? {
        ...{ channels, perChannel, channelStep: perChannel, weightStep: 1 },
        together: together ? channels : 1,
      }
    : { channels, perChannel, channelStep: 1, weightStep: channels, together: channels };
}

/** Output channel of the weight at `index` in storage order. */
export function channelOf(
  { channels, channelStep }: Pick<WeightOrder, 'channels' | 'channelStep'>,
  index: number,
): number {
  return Math.floor(index / channelStep) % channels;
}

/** Output channel of one weight; `weightOrder` serves those who ask for many. */
export function channelOfWeight(layer: WeightedLayer, index: number): number {
  return channelOf(weightOrder(layer), index);
}

/** Multiply–accumulates of one inference, padding counted as work. */
export function macs(layer: Layer): number {
  return graphOp(layer.kind).weights?.macs(layer) ?? 0;
}

/** Those of all layers. */
export function totalMacs({ layers }: Pick<Graph, 'layers'>): number {
  return layers.reduce((sum, layer) => sum + macs(layer), 0);
}

function weightsOf(layer: WeightedLayer): LayerWeights<Layer> {
  const { weights } = graphOp(layer.kind);
  if (weights === undefined) throw new Error(`A ${layer.kind} has no weights.`);
  return weights;
}

/** The graph as it computes where nothing is trained. */
export function withoutDropout(graph: Graph): Graph {
  if (graph.dropout === undefined) return graph;
  const { inputShape, layers, outputs, hop, kept } = graph;
  return { inputShape, layers, ...defined({ outputs, hop, kept }) };
}

/** The graph with every sum rounded as those of networks that are trained here. */
export function withoutRounding(graph: Graph): Graph {
  const layers = graph.layers.map((layer) => {
    if (!isWeighted(layer)) return layer;
    const { rounding, ...rest } = layer;
    return rounding === undefined ? layer : rest;
  });
  return { ...graph, layers };
}
