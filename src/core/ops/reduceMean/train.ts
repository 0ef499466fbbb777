import { AXES } from '../concat/graph';
import type { PlainTrainOp } from '../train-op';
import type { ReduceMeanLayer } from './graph';

export const reduceMean: PlainTrainOp<ReduceMeanLayer> = {
  forward: (tf, { axes, outputShape }, inputs) => {
    const x = inputs[0]!;
    const reduced = tf.mean(
      x,
      [...new Set(axes)].map((axis) => 1 + AXES.indexOf(axis)),
    );
    return tf.reshape(reduced, [x.shape[0], ...outputShape]);
  },
};
