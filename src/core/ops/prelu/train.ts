import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { PreluLayer } from './graph';

/** Of operations that every engine has with their gradients; the derivative at 0 is 0. The slopes do not learn. */
export const prelu: PlainTrainOp<PreluLayer> = {
  forward: (tf, _, inputs, constants) => {
    const x = inputs[0]!;
    return tf.sub<Tensor4D>(tf.relu(x), tf.mul<Tensor4D>(tf.relu(tf.neg(x)), constants[0]!));
  },
};
