import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Graph } from '../../graph/graph';
import type { Layer, WeightedLayer } from '../../ops/graph-ops';
import type { Activation, Pair } from '../../ops/shape';
import { INPUT, outputSize } from '../../graph/graph';
import { elements } from '../../ops/shape';
import type { TensorQuantization } from '../../quant/model';
import { executeOp } from '../../ops/execute-ops';
import type { Tf } from '../kernels/tf';
import { batchNormTrain } from '../kernels/batch-norm';
import { fakeQuantize } from '../kernels/fake-quantize';
import { maxPool } from '../kernels/max-pool';
import { BATCH_NORM_EPSILON } from './parameters';

/** Tensors of one weighted layer for one pass; weights in TensorFlow.js's order (weight-quantization.ts). */
export interface LayerTensors {
  readonly weights: Tensor;
  /** With gamma: batch norm with the batch's own statistics. Without: plain bias (batch norm folded). */
  readonly gamma?: Tensor1D;
  readonly bias: Tensor1D;
}

export interface ForwardOptions {
  readonly tensors: ReadonlyMap<string, LayerTensors>;
  /** Rounds every tensor that the firmware stores to its int8 grid; absent in float passes. */
  readonly quantization?: Readonly<Record<string, TensorQuantization>>;
  /** Receives batch statistics of layers with gamma. */
  readonly onStatistics?: (layer: string, mean: Tensor1D, variance: Tensor1D) => void;
  /** Receives every tensor that has a quantisation of its own, before rounding. */
  readonly onTensor?: (name: string, tensor: Tensor) => void;
}

/** Whether the layer's output has a scale of its own, chosen by what is observed of it. */
export function hasOwnScale(layer: Layer): boolean {
  return executeOp(layer.kind).quantization === 'own';
}

/**
 * The network's logits for a batch: x [N, H, W, C] float32 → [N, outputs] float32. A final softmax is left out: the
 * loss has it, and the largest logit stays the largest.
 */
export function forward(tf: Tf, graph: Graph, x: Tensor4D, options: ForwardOptions): Tensor2D {
  const outputs = new Map<string, Tensor4D>();
  const round = (name: string, tensor: Tensor4D): Tensor4D => {
    options.onTensor?.(name, tensor);
    const q = options.quantization?.[name];
    return q ? fakeQuantize(tf, tensor, q.scale, q.zeroPoint) : tensor;
  };
  outputs.set(INPUT, round(INPUT, x));
  let last: Tensor4D = x;
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    let y = applyLayer(tf, layer, inputs, options);
    if (hasOwnScale(layer) && !roundsItself(layer, options)) y = round(layer.name, y);
    outputs.set(layer.name, y);
    last = y;
  }
  return tf.reshape(last, [x.shape[0], outputSize(graph)]);
}

/** Batch norm rounds what it gives (batchNormTrain), unless somebody wants to see it before. */
function roundsItself(layer: Layer, { tensors, onTensor }: ForwardOptions): boolean {
  return onTensor === undefined && tensors.get(layer.name)?.gamma !== undefined;
}

function applyLayer(tf: Tf, layer: Layer, inputs: Tensor4D[], options: ForwardOptions): Tensor4D {
  const x = inputs[0]!;
  const batch = x.shape[0];
  switch (layer.kind) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'dense':
      return applyWeighted(tf, layer, x, options);
    case 'add':
      return activate(tf, tf.add<Tensor4D>(x, inputs[1]!), layer.activation);
    case 'maxPool2d':
      return maxPool(tf, x, pair(layer.pool), pair(layer.stride), layer.padding);
    case 'averagePool2d':
      return tf.avgPool(x, pair(layer.pool), pair(layer.stride), layer.padding);
    case 'globalAveragePool':
      return tf.mean<Tensor4D>(x, [1, 2], true);
    case 'globalMaxPool': {
      const plane = pair([layer.inputShape[0], layer.inputShape[1]]);
      return maxPool(tf, x, plane, plane, 'valid');
    }
    case 'activation':
      return activate(tf, x, layer.activation);
    case 'flatten':
      return tf.reshape(x, [batch, 1, 1, elements(layer.inputShape)]);
    case 'softmax':
      return x;
  }
}

function applyWeighted(
  tf: Tf,
  layer: WeightedLayer,
  x: Tensor4D,
  options: ForwardOptions,
): Tensor4D {
  const { weights, gamma, bias } = options.tensors.get(layer.name)!;
  let z: Tensor4D;
  switch (layer.kind) {
    case 'conv2d':
      z = tf.conv2d(x, weights as Tensor4D, pair(layer.stride), layer.padding);
      break;
    case 'depthwiseConv2d':
      z = tf.depthwiseConv2d(x, weights as Tensor4D, pair(layer.stride), layer.padding);
      break;
    case 'dense': {
      const flat: Tensor2D = tf.reshape(x, [x.shape[0], elements(layer.inputShape)]);
      const product = tf.matMul(flat, weights as Tensor2D);
      z = tf.reshape(product, [x.shape[0], 1, 1, layer.units]);
      break;
    }
  }
  if (!gamma) return activate(tf, tf.add<Tensor4D>(z, bias), layer.activation);
  const { y, mean, variance } = batchNormTrain(
    tf,
    z,
    gamma,
    bias,
    BATCH_NORM_EPSILON,
    layer.activation,
    roundsItself(layer, options) ? options.quantization?.[layer.name] : undefined,
  );
  options.onStatistics?.(layer.name, mean, variance);
  return y as Tensor4D;
}

function activate(tf: Tf, x: Tensor4D, activation: Activation): Tensor4D {
  if (activation === 'relu') return tf.relu(x);
  return activation === 'relu6' ? tf.relu6(x) : x;
}

/** TensorFlow.js wants mutable pairs. */
function pair(values: Pair): [number, number] {
  return [values[0], values[1]];
}
