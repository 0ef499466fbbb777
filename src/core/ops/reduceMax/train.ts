import { AXES } from '../concat/graph';
import type { PlainTrainOp } from '../train-op';
import type { ReduceMaxLayer } from './graph';

export const reduceMax: PlainTrainOp<ReduceMaxLayer> = {
  forward: (tf, { axes, outputShape }, inputs) => {
    const x = inputs[0]!;
    const reduced = tf.max(
      x,
      [...new Set(axes)].map((axis) => 1 + AXES.indexOf(axis)),
    );
    return tf.reshape(reduced, [x.shape[0], ...outputShape]);
  },
};
