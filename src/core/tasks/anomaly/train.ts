/** An autoencoder learns to give back its input, by the mean squared error. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { imitation } from '../imitation/train';
import type { TrainTask } from '../train-task';

export const anomaly: TrainTask = {
  loss(tf, { outputs, inputs }) {
    if (inputs === undefined) throw new Error('an autoencoder is trained on its inputs');
    const wanted: Tensor2D = tf.reshape(inputs, outputs.shape);
    return tf.mean<Scalar>(tf.square(tf.sub(outputs, wanted)));
  },
  imitation: imitation.imitation,
};
