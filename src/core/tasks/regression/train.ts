/** Numbers are learnt by their mean squared error, each target in standard deviations of its own. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../../train/kernels/tf';
import { imitation } from '../imitation/train';
import type { TrainTask } from '../train-task';

export const regression: TrainTask = {
  loss(tf, { outputs, targets }, { facts }): Scalar {
    const row = (values: readonly number[]): Tensor2D => tf.tensor2d([[...values]]);
    const { spread } = facts ?? {};
    if (spread !== undefined) {
      const [own, wanted] = [outputs, targets].map((of) => tf.div<Tensor2D>(of, row(spread)));
      return meanSquares(tf, own!, wanted!);
    }
    const { mean, std } = facts?.targets ?? { mean: [0], std: [1] };
    return meanSquares(tf, outputs, tf.div<Tensor2D>(tf.sub(targets, row(mean)), row(std)));
  },
  imitation: imitation.imitation,
};

function meanSquares(tf: Tf, outputs: Tensor2D, targets: Tensor2D): Scalar {
  return tf.mean<Scalar>(tf.square(tf.sub(outputs, targets)));
}
