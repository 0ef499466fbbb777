/** Operations that networks are made of, to be computed by one engine and by another. */
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../../src/core/train/kernels/softmax-cross-entropy';
import { randomValues } from './compare';

export type Operation = (...inputs: Tensor[]) => Tensor;

export interface Values {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

export type NamedOperation = [name: string, operation: Operation, inputs: Values[]];

export function random(seed: number, ...shape: number[]): Values {
  return { values: randomValues(tf.util.sizeFromShape(shape), seed), shape };
}

export const four = (t: Tensor): tf.Tensor4D =>
  tf.reshape(t, [t.shape[0]!, t.shape[1]!, t.shape[2]!, -1]);

/** The value, and the gradient of each input for a random dy; for within a tidy. */
export function withGradients(operation: Operation, inputs: readonly Values[]): Tensor[] {
  const tensors = inputs.map(({ values, shape }) => tf.tensor(values, [...shape]));
  const y = operation(...tensors);
  const dy = tf.tensor(randomValues(y.size, 99), y.shape);
  return [y, ...tf.grads(operation)(tensors, dy)];
}

/** What there is besides convolutions, pooling and batch norm. */
export const OTHER_OPERATIONS: readonly NamedOperation[] = [
  ['matMul', (a, b) => tf.matMul(a!, b!), [random(1, 7, 5), random(2, 5, 9)]],
  [
    'add with relu',
    (a, b) => tf.relu(tf.add(a!, b!)),
    [random(1, 2, 3, 4, 5), random(2, 2, 3, 4, 5)],
  ],
  [
    'a bias, and relu6',
    (a, b) => tf.relu6(tf.mul(tf.add(a!, b!), 4)),
    [random(1, 2, 3, 4, 5), random(2, 5)],
  ],
  ['mean', (x) => tf.mean(x!, [1, 2], true), [random(1, 3, 4, 5, 6)]],
  [
    'loss',
    (x) => softmaxCrossEntropy(tf, tf.reshape(x!, [3, 4]), tf.tensor1d([2, 0, 3], 'int32'), 0.1),
    [random(1, 3, 4)],
  ],
];
