/** Classes are learnt by the cross-entropy of their softmax. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../train/kernels/softmax-cross-entropy';
import type { TrainTask } from '../train-task';

export const classification: TrainTask = {
  loss(tf, { outputs, targets }, { labelSmoothing }) {
    const labels: Tensor1D = tf.reshape(targets, [outputs.shape[0]]);
    return softmaxCrossEntropy(tf, outputs, labels, labelSmoothing);
  },
};
