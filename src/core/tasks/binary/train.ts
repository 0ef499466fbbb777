/** Yes or no is learnt by the cross-entropy of the sigmoid, which is the softmax beside a second output that is always 0. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../train/kernels/softmax-cross-entropy';
import { softenedDivergence } from '../../train/kernels/softened-divergence';
import type { Tf } from '../../train/kernels/tf';
import type { TrainTask } from '../train-task';

export const binary: TrainTask = {
  loss(tf, { outputs, targets }, { labelSmoothing, classWeights }) {
    const labels: Tensor1D = tf.reshape(targets, [targets.size]);
    return softmaxCrossEntropy(tf, besideZero(tf, outputs), labels, labelSmoothing, classWeights);
  },
  imitation: (tf, { outputs, targets }) =>
    softenedDivergence(tf, besideZero(tf, outputs), besideZero(tf, targets), 1),
};

/** [n, k] scores as [n · k, 2] scores of no and yes. */
export function besideZero(tf: Tf, scores: Tensor2D): Tensor2D {
  const column: Tensor2D = tf.reshape(scores, [scores.size, 1]);
  return tf.concat2d([tf.zeros([scores.size, 1]), column], 1);
}
