/**
 * The network as data: what the config means, before any training framework sees it. Training, quantisation, the
 * memory planner and the C emitter all walk this one structure, in the order of `layers` (topological).
 */

/** Height, width, channels of one example; tabular data is [1, 1, features], a sensor window [1, time, channels]. */
export type Shape = readonly [height: number, width: number, channels: number];

export type Padding = 'same' | 'valid';
/** Fused into the layer that has it; the firmware clamps, it never runs as an operation of its own. */
export type Activation = 'none' | 'relu' | 'relu6';
export type Pair = readonly [vertical: number, horizontal: number];

interface LayerBase {
  /** Unique, a C identifier (letters, digits, underscore), lower case. */
  readonly name: string;
  /** Names of earlier layers, or `input` for the network's input. */
  readonly inputs: readonly string[];
  /** Shape of the first input and of the output, filled by shape inference. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

interface Weighted {
  /** Trained with batch norm, which is folded into weights and bias for deployment. */
  readonly batchNorm: boolean;
  readonly activation: Activation;
}

/** Weights are stored OHWI: [filters, kernel height, kernel width, input channels], TFLite's order. */
export interface Conv2DLayer extends LayerBase, Weighted {
  readonly kind: 'conv2d';
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Channel multiplier 1. Weights are stored [kernel height, kernel width, channels] (TFLite's [1, H, W, C]). */
export interface DepthwiseConv2DLayer extends LayerBase, Weighted {
  readonly kind: 'depthwiseConv2d';
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Flattens its input (H, W, C order). Weights are stored [units, inputs]. Output shape [1, 1, units]. */
export interface DenseLayer extends LayerBase, Weighted {
  readonly kind: 'dense';
  readonly units: number;
}

/** Element-wise sum of two tensors of the same shape. */
export interface AddLayer extends LayerBase {
  readonly kind: 'add';
  readonly activation: Activation;
}

/** Average pooling divides by the number of cells inside the image, as TFLite does. */
export interface Pool2DLayer extends LayerBase {
  readonly kind: 'maxPool2d' | 'averagePool2d';
  readonly pool: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

/** Over the whole plane; output shape [1, 1, channels]. */
export interface GlobalPoolLayer extends LayerBase {
  readonly kind: 'globalAveragePool' | 'globalMaxPool';
}

/** A clamp that could not be fused into its producer (which has other consumers too). */
export interface ActivationLayer extends LayerBase {
  readonly kind: 'activation';
  readonly activation: 'relu' | 'relu6';
}

/** No operation at run time: the bytes stay where they are. Output shape [1, 1, H·W·C]. */
export interface FlattenLayer extends LayerBase {
  readonly kind: 'flatten';
}

/** Over the channels. Training takes the logits before it; accuracy does not depend on it. */
export interface SoftmaxLayer extends LayerBase {
  readonly kind: 'softmax';
}

export type WeightedLayer = Conv2DLayer | DepthwiseConv2DLayer | DenseLayer;

export type Layer =
  | WeightedLayer
  | AddLayer
  | Pool2DLayer
  | GlobalPoolLayer
  | ActivationLayer
  | FlattenLayer
  | SoftmaxLayer;

export interface Graph {
  /** Shape of one example. */
  readonly inputShape: Shape;
  readonly classes: number;
  /** Topological order; the last layer is the output. */
  readonly layers: readonly Layer[];
}

export const INPUT = 'input';

export function isWeighted(layer: Layer): layer is WeightedLayer {
  return layer.kind === 'conv2d' || layer.kind === 'depthwiseConv2d' || layer.kind === 'dense';
}

export function weightedLayers(graph: Graph): WeightedLayer[] {
  return graph.layers.filter(isWeighted);
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Number of output channels: filters, channels or units. One scale, bias and multiplier each. */
export function outputChannels(layer: WeightedLayer): number {
  return layer.outputShape[2];
}

/** Dimensions of the weights in storage order (see each layer kind). */
export function weightShape(layer: WeightedLayer): number[] {
  switch (layer.kind) {
    case 'conv2d':
      return [layer.filters, ...layer.kernel, layer.inputShape[2]];
    case 'depthwiseConv2d':
      return [...layer.kernel, layer.inputShape[2]];
    case 'dense':
      return [layer.units, elements(layer.inputShape)];
  }
}

export function weightCount(layer: WeightedLayer): number {
  return elements(weightShape(layer));
}

/** Output channel of the weight at `index` in storage order. */
export function channelOfWeight(layer: WeightedLayer, index: number): number {
  return layer.kind === 'depthwiseConv2d'
    ? index % layer.outputShape[2]
    : Math.floor(index / (weightCount(layer) / layer.outputShape[2]));
}

/** Multiply–accumulates of one inference, padding counted as work. */
export function macs(layer: Layer): number {
  if (!isWeighted(layer)) return 0;
  const [h, w] = layer.outputShape;
  return h * w * weightCount(layer);
}
