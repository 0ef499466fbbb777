/**
 * What TensorFlow.js computes on some examples with given parameters: a gradient pass, an inference or a look at batch
 * norm's statistics. Plain arrays in and out, so that any thread can do it (shards/).
 */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import type { WeightedLayer } from '../../ops/graph-ops';
import { trainOp } from '../../ops/train-ops';
import { weightedLayers } from '../../graph/graph';
import type { Constants } from '../../quant/constants';
import type { TensorQuantization } from '../../quant/model';
import type { LossSettings } from '../../tasks/train-task';
import { TRAIN_TASKS } from '../../tasks/train-tasks';
import type { Engine } from '../engines/engine';
import { floatValues } from '../engines/float-values';
import type { Tf } from '../kernels/tf';
import type { DropoutStep } from './dropout';
import type { LayerTensors } from './forward';
import { forward } from './forward';
import { minMax } from '../kernels/min-max';
import { defined } from '../../util/defined';

/** One weighted layer's parameters, or their gradients; weights in TensorFlow.js's order (weight-quantization.ts). */
export interface LayerArrays {
  readonly weights: Float32Array;
  /** With gamma: batch norm with the batch's own statistics. Without: plain bias (batch norm folded). */
  readonly gamma?: Float32Array;
  readonly bias: Float32Array;
}

interface Rounding {
  /** Activations are rounded to these. */
  readonly quantization?: Readonly<Record<string, TensorQuantization>>;
  /** Of the layers that own any. In shared memory they reach other threads at no cost. */
  readonly constants?: Constants;
  /** Whether to note the extremes of every tensor that has a quantisation of its own. */
  readonly ranges: boolean;
}

export interface GradientPass extends Rounding {
  readonly kind: 'gradients';
  readonly loss: LossSettings;
  /** In steps that leave out values at random, where the graph says so. */
  readonly dropout?: DropoutStep;
}

/** Without the way back. */
export interface ForwardPass extends Rounding {
  readonly kind: 'logits' | 'statistics';
}

export type PassOptions = GradientPass | ForwardPass;

export interface ChannelStatistics {
  readonly layer: string;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

export interface PassResult {
  /** Mean over the examples; 0 without a gradient pass. */
  readonly loss: number;
  /** In the order of the weighted layers; empty without a gradient pass. */
  readonly gradients: readonly LayerArrays[];
  /** Of layers with live batch norm, over these examples. */
  readonly statistics: readonly ChannelStatistics[];
  /** Extremes over these examples, before rounding. */
  readonly ranges: readonly (readonly [name: string, min: number, max: number])[];
  /** [examples, outputs] */
  readonly logits: Float32Array;
}

/** `layers` in the order of the graph's weighted layers. Only for engines that give values at once (no `fetch`). */
export function runPass(
  engine: Engine,
  graph: Graph,
  layers: readonly LayerArrays[],
  batch: Batch,
  options: PassOptions,
): PassResult {
  const pass = beginPass(engine, graph, layers, batch, options);
  try {
    return pass.result(pass.tensors.map((tensor) => floatValues(tensor.dataSync())));
  } finally {
    engine.tf.dispose([...pass.tensors]);
  }
}

/** The pass over examples of a batch of which the first has that place. */
export function beginningAt(first: number, options: PassOptions): PassOptions {
  if (options.kind !== 'gradients' || options.dropout === undefined) return options;
  return { ...options, dropout: { ...options.dropout, first } };
}

/** The same on any engine; nothing waits for a device but the promise. */
export async function computePass(
  engine: Engine,
  graph: Graph,
  layers: readonly LayerArrays[],
  batch: Batch,
  options: PassOptions,
): Promise<PassResult> {
  if (!engine.fetch) return runPass(engine, graph, layers, batch, options);
  let result: Begun['result'] | undefined;
  const values = await engine.fetch(() => {
    const pass = beginPass(engine, graph, layers, batch, options);
    result = pass.result;
    return pass.tensors;
  });
  if (!result) throw new Error('the engine computed nothing');
  return result(values);
}

interface Begun {
  /** All that comes out of the pass, for the caller to read and dispose of. */
  readonly tensors: readonly Tensor[];
  /** Sorts the values of these tensors, in their order. */
  readonly result: (values: readonly Float32Array[]) => PassResult;
}

function beginPass(
  { tf }: Engine,
  graph: Graph,
  layers: readonly LayerArrays[],
  batch: Batch,
  options: PassOptions,
): Begun {
  const weighted = weightedLayers(graph);
  const statistics: { layer: string; mean: Tensor; variance: Tensor }[] = [];
  const ranges: { name: string; extremes: Tensor }[] = [];
  const kept: Tensor[] = [];
  const keep = <T extends Tensor>(tensor: T): T => {
    kept.push(tf.keep(tensor));
    return tensor;
  };
  const scores: Tensor[] = [];
  const gradients: Tensor[] = [];
  let loss: Tensor | undefined;
  try {
    tf.tidy(() => {
      const tensors = new Map(
        weighted.map((layer, i) => [layer.name, layerTensors(tf, layer, layers[i]!)]),
      );
      const x = tf.tensor4d(batch.x, [batch.examples, ...graph.inputShape]);
      const run = (): Tensor2D => {
        const output = forward(tf, graph, x, {
          tensors,
          ...defined({
            quantization: options.quantization,
            constants: options.constants,
            dropout: options.kind === 'gradients' ? options.dropout : undefined,
          }),
          onStatistics: (layer, mean, variance) => {
            statistics.push({ layer, mean: keep(mean), variance: keep(variance) });
          },
          ...(options.ranges
            ? {
                onTensor: (name: string, tensor: Tensor): void => {
                  ranges.push({ name, extremes: keep(minMax(tf, tensor)) });
                },
              }
            : {}),
        });
        scores.push(keep(output));
        return output;
      };
      if (options.kind !== 'gradients') {
        run();
        return;
      }
      const inputs = weighted.flatMap(({ name }): Tensor[] => {
        const { weights, gamma, bias } = tensors.get(name)!;
        return gamma ? [weights, gamma, bias] : [weights, bias];
      });
      const { loss: settings } = options;
      const task = TRAIN_TASKS[settings.task];
      const lossOf = settings.distill === true ? task.imitation : task.loss;
      const targets = tf.tensor2d(batch.y, [batch.examples, batch.y.length / batch.examples]);
      const { value, grads } = tf.valueAndGrads(() =>
        lossOf(tf, { outputs: run(), targets, inputs: x }, settings),
      )(inputs);
      loss = keep(value);
      gradients.push(...grads.map(keep));
    });
  } catch (error) {
    tf.dispose(kept);
    throw error;
  }
  return {
    tensors: kept,
    result: (values) => {
      const byTensor = new Map(kept.map((tensor, i) => [tensor, values[i]!]));
      const of = (tensor: Tensor): Float32Array => byTensor.get(tensor)!;
      const logits = of(scores[0]!);
      let next = 0;
      const read = (): Float32Array => of(gradients[next++]!);
      return {
        loss: loss ? of(loss)[0]! : 0,
        gradients: loss
          ? layers.map(({ gamma }) =>
              gamma
                ? { weights: read(), gamma: read(), bias: read() }
                : { weights: read(), bias: read() },
            )
          : [],
        statistics: statistics.map(({ layer, mean, variance }) => ({
          layer,
          mean: of(mean),
          variance: of(variance),
        })),
        ranges: ranges.map(({ name, extremes }) => {
          const [min, max] = of(extremes);
          return [name, min!, max!];
        }),
        logits,
      };
    },
  };
}

/** A layer's parameters on the engine. */
export function layerTensors(tf: Tf, layer: WeightedLayer, arrays: LayerArrays): LayerTensors {
  const op = trainOp(layer.kind);
  if (!('weightShape' in op)) throw new Error(`Nothing trains the weights of a ${layer.kind}.`);
  const weights = tf.tensor(arrays.weights, op.weightShape(layer));
  const bias: Tensor1D = tf.tensor1d(arrays.bias);
  return arrays.gamma ? { weights, gamma: tf.tensor1d(arrays.gamma), bias } : { weights, bias };
}
