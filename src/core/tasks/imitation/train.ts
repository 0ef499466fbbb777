/** Numbers are learnt by their mean squared error. */
import type { Scalar } from '@tensorflow/tfjs-core';
import type { Tf } from '../../train/kernels/tf';
import type { LossTensors, TrainTask } from '../train-task';

export const imitation: TrainTask = { loss: meanSquares, imitation: meanSquares };

function meanSquares(tf: Tf, { outputs, targets }: LossTensors): Scalar {
  return tf.mean<Scalar>(tf.square(tf.sub(outputs, targets)));
}
