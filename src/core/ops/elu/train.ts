import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { EluLayer } from './graph';

/** Of operations that every engine has with their gradients; the derivative at 0 is 0. */
export const elu: PlainTrainOp<EluLayer> = {
  forward: (tf, _, inputs) => {
    const x = inputs[0]!;
    const below = tf.exp(tf.neg(tf.relu(tf.neg(x))));
    return tf.add<Tensor4D>(tf.relu(x), tf.sub<Tensor4D>(below, 1));
  },
};
