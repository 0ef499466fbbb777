import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { HardSwishLayer } from './graph';

export const hardSwish: PlainTrainOp<HardSwishLayer> = {
  forward: (tf, _, inputs) => {
    const x = inputs[0]!;
    const gate = tf.relu6(tf.add<Tensor4D>(x, 3));
    return tf.mul<Tensor4D>(tf.mul<Tensor4D>(x, gate), 1 / 6);
  },
};
