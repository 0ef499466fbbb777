import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { TransposeLayer } from './graph';

export const transpose: PlainTrainOp<TransposeLayer> = {
  forward: (tf, { order }, inputs) =>
    tf.transpose<Tensor4D>(inputs[0]!, [0, ...order.map((axis) => axis + 1)]),
};
