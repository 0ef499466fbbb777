import type { Tensor4D } from '@tensorflow/tfjs-core';
import { customGradient } from '../../train/kernels/custom-gradient';
import type { PlainTrainOp } from '../train-op';
import type { ArgmaxLayer } from './graph';

/** An index changes in leaps only, so that nothing is learnt through it. */
export const argmax: PlainTrainOp<ArgmaxLayer> = {
  forward: (tf, { outputShape }, inputs) => {
    const x = inputs[0]!;
    return customGradient<Tensor4D>(
      tf,
      [x],
      () => ({
        value: tf.reshape(tf.cast(tf.argMax(x, 3), 'float32'), [x.shape[0], ...outputShape]),
        keep: [x],
      }),
      (_, [kept]) => [tf.zerosLike(kept!)],
    );
  },
};
