import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { BATCH_NORM_EPSILON } from '../../graph/batch-norm';
import type { Graph } from '../../graph/graph';
import { INPUT, isWeighted, outputTensors, shapeOf } from '../../graph/graph';
import { executeOp } from '../../ops/execute-ops';
import { graphOp, type Layer } from '../../ops/graph-ops';
import { elements } from '../../ops/shape';
import type { RecurrentTrainOp } from '../../ops/train-op';
import { trainOp } from '../../ops/train-ops';
import { constantsOf, quantizeConstant, realValues, type Constants } from '../../quant/constants';
import type { TensorQuantization } from '../../quant/model';
import type { Tf } from '../kernels/tf';
import { activate } from '../kernels/activate';
import { batchNormTrain } from '../kernels/batch-norm';
import { fakeQuantize } from '../kernels/fake-quantize';
import type { DropoutStep } from './dropout';
import { dropFor } from './dropout';

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
  /** Of the layers that own any; rounded, too, where tensors are. */
  readonly constants?: Constants;
  /** Leaves out what dropout does in this pass; absent: nothing. */
  readonly dropout?: DropoutStep;
  /** Receives batch statistics of layers with gamma. */
  readonly onStatistics?: (layer: string, mean: Tensor1D, variance: Tensor1D) => void;
  /** Receives every tensor that has a quantisation of its own, before rounding. */
  readonly onTensor?: (name: string, tensor: Tensor) => void;
  /** Receives a weighted layer's sums of products, [N, H, W, C]: before bias, batch norm and activation. */
  readonly onProducts?: (layer: string, products: Tensor4D) => void;
}

/** Whether the layer's output has a scale of its own, chosen by what is observed of it. */
export function hasOwnScale(layer: Layer): boolean {
  return executeOp(layer.kind).quantization === 'own';
}

/**
 * What the network gives for a batch, x [N, H, W, C] float32 → [N, outputs] float32, all of its outputs one after the other.
 * Of a network whose only output is the probabilities of classes the logits, for the loss has that softmax; other outputs are
 * what the network puts out, for their numbers are what counts.
 */
export function forward(tf: Tf, graph: Graph, x: Tensor4D, options: ForwardOptions): Tensor2D {
  const outputs = new Map<string, Tensor4D>();
  const round = (name: string, tensor: Tensor4D): Tensor4D => {
    options.onTensor?.(name, tensor);
    return onGrid(tf, name, tensor, options);
  };
  outputs.set(INPUT, round(INPUT, x));
  const drop = options.dropout && dropFor(tf, graph, options.dropout);
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name, i) => {
      const values = outputs.get(name)!;
      return drop?.(layer, i, values) ?? values;
    });
    const op = trainOp(layer.kind);
    let y =
      'states' in op
        ? statesOf(tf, op, layer, inputs[0]!, options)
        : applyLayer(tf, layer, inputs, options);
    if (hasOwnScale(layer) && !roundsItself(layer, options)) y = round(layer.name, y);
    if ('states' in op) y = op.output(tf, layer, y);
    outputs.set(layer.name, y);
  }
  const rows = outputTensors(graph).map((name) => {
    const y = outputs.get(name)!;
    const put = endsInProbabilities(graph, name) && !isForLoss(graph) ? tf.softmax(y) : y;
    return tf.reshape<Rank.R2>(put, [x.shape[0], elements(shapeOf(graph, name))]);
  });
  const [only, ...others] = rows;
  return others.length === 0 ? only! : tf.concat<Tensor2D>(rows, 1);
}

/** Whether the output is what a softmax gives, which layers leave out (ops/softmax/train.ts). */
function endsInProbabilities({ layers }: Graph, output: string): boolean {
  const layer = layers.find(({ name }) => name === output);
  return layer !== undefined && graphOp(layer.kind).puts === 'probability';
}

/** Whether the loss has the softmax that the network may end in: of classes, and not of a map or one output of several. */
function isForLoss(graph: Graph): boolean {
  const [only, ...others] = outputTensors(graph);
  const [height, width] = shapeOf(graph, only!);
  return others.length === 0 && height * width === 1;
}

/** Batch norm rounds what it gives (batchNormTrain), unless somebody wants to see it before. */
function roundsItself(layer: Layer, { tensors, onTensor }: ForwardOptions): boolean {
  return onTensor === undefined && tensors.get(layer.name)?.gamma !== undefined;
}

/** All states of a recurrent layer: its scale is that of all of them, whether it puts out the last alone or not. */
function statesOf(
  tf: Tf,
  op: RecurrentTrainOp<Layer>,
  layer: Layer,
  x: Tensor4D,
  options: ForwardOptions,
): Tensor4D {
  const { weights, bias } = options.tensors.get(layer.name)!;
  return op.states(tf, layer, x, weights, bias, (state) => onGrid(tf, layer.name, state, options));
}

function onGrid<R extends Rank>(
  tf: Tf,
  name: string,
  tensor: Tensor<R>,
  { quantization }: ForwardOptions,
): Tensor<R> {
  const q = quantization?.[name];
  return q ? fakeQuantize(tf, tensor, q.scale, q.zeroPoint) : tensor;
}

function constantTensors(
  tf: Tf,
  layer: Layer,
  { constants, quantization }: ForwardOptions,
): Tensor4D[] {
  return constantsOf(layer).map(({ name, shape }) => {
    const values = constants?.[layer.name]?.[name];
    if (values === undefined) throw new Error(`${layer.name} lacks its constant ${name}`);
    const seen = quantization === undefined ? values : realValues(quantizeConstant(values));
    return tf.tensor4d(seen, [1, ...shape]);
  });
}

/** One layer's output, not yet rounded, but for batch norm that rounds what it gives itself. */
export function applyLayer(
  tf: Tf,
  layer: Layer,
  inputs: readonly Tensor4D[],
  options: ForwardOptions,
): Tensor4D {
  const op = trainOp(layer.kind);
  if ('states' in op) {
    return op.output(tf, layer, statesOf(tf, op, layer, inputs[0]!, options));
  }
  if (!('products' in op)) {
    return op.forward(tf, layer, inputs, constantTensors(tf, layer, options));
  }
  if (!isWeighted(layer)) throw new Error(`A ${layer.kind} has no weights to multiply with.`);
  const { weights, gamma, bias } = options.tensors.get(layer.name)!;
  const z = op.products(tf, layer, inputs[0]!, weights);
  options.onProducts?.(layer.name, z);
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
  return y;
}
