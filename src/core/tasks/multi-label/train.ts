/** Each label is learnt by itself, by the cross-entropy of its sigmoid. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../train/kernels/softmax-cross-entropy';
import { softenedDivergence } from '../../train/kernels/softened-divergence';
import { besideZero } from '../binary/train';
import type { TrainTask } from '../train-task';

export const multiLabel: TrainTask = {
  loss(tf, { outputs, targets }, { labelSmoothing }) {
    const labels: Tensor1D = tf.reshape(targets, [targets.size]);
    return softmaxCrossEntropy(tf, besideZero(tf, outputs), labels, labelSmoothing);
  },
  imitation: (tf, { outputs, targets }) =>
    softenedDivergence(tf, besideZero(tf, outputs), besideZero(tf, targets), 1),
};
