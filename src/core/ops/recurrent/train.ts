/** What recurrent layers compute in training: unrolled over the steps, the inputs of all of them multiplied at once. */
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../../train/kernels/tf';
import type { RecurrentBase } from './sequence';
import { sequenceParts } from './sequence';

/** Weights and biases apart, as matrices: [inputs, channels] and [units, channels]. */
export interface RecurrentWeights {
  readonly inputs: Tensor2D;
  readonly states: Tensor2D;
  readonly inputBias: Tensor1D;
  readonly stateBias: Tensor1D;
}

export function apart(
  tf: Tf,
  layer: RecurrentBase,
  weights: Tensor,
  bias: Tensor1D,
): RecurrentWeights {
  const [inputs, states] = sequenceParts(layer);
  const channels = weights.size / (inputs + states);
  const matrix = tf.reshape<Rank.R2>(weights, [inputs + states, channels]);
  const [w, r] = tf.split<Tensor2D>(matrix, [inputs, states], 0);
  const [inputBias, stateBias] = tf.split<Tensor1D>(bias, 2, 0);
  return { inputs: w!, states: r!, inputBias: inputBias!, stateBias: stateBias! };
}

/** x [N, 1, time, inputs] times a matrix [inputs, channels] plus bias → by step, [N, channels] each. */
export function inputSums(tf: Tf, x: Tensor4D, matrix: Tensor2D, bias: Tensor1D): Tensor2D[] {
  const [examples, , time, inputs] = x.shape;
  const byStep = tf.transpose(tf.reshape(x, [examples, time, inputs]), [1, 0, 2]);
  const flat = tf.reshape<Rank.R2>(byStep, [time * examples, inputs]);
  return tf.split<Tensor2D>(tf.add<Tensor2D>(tf.matMul(flat, matrix), bias), time, 0);
}

/** States by step, [N, units] each → [N, 1, time, units]. */
export function statesTensor(tf: Tf, states: readonly Tensor2D[]): Tensor4D {
  const [examples, units] = states[0]!.shape;
  const stacked = tf.reshape(tf.concat([...states], 0), [states.length, examples, units]);
  const ordered = tf.transpose(stacked, [1, 0, 2]);
  return tf.reshape<Rank.R4>(ordered, [examples, 1, states.length, units]);
}

/** What of the states [N, 1, time, units] the layer puts out. */
export function putOut(tf: Tf, { returnSequences }: RecurrentBase, states: Tensor4D): Tensor4D {
  const [, , time] = states.shape;
  if (returnSequences || time === 1) return states;
  return tf.split<Tensor4D>(states, [time - 1, 1], 2)[1]!;
}
