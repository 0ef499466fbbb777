/** Classes are learnt by the cross-entropy of their softmax. */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../../train/kernels/softmax-cross-entropy';
import { softenedDivergence } from '../../train/kernels/softened-divergence';
import type { TrainTask } from '../train-task';

/** Of the softmax that is imitated: what a network thinks of the classes it does not choose counts, too. */
const TEMPERATURE = 4;

export const classification: TrainTask = {
  loss(tf, { outputs, targets }, { labelSmoothing, classWeights }) {
    const labels: Tensor1D = tf.reshape(targets, [outputs.shape[0]]);
    return softmaxCrossEntropy(tf, outputs, labels, labelSmoothing, classWeights);
  },
  imitation: (tf, { outputs, targets }) => softenedDivergence(tf, outputs, targets, TEMPERATURE),
};
