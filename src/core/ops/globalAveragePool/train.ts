import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { GlobalAveragePoolLayer } from './graph';

export const globalAveragePool: PlainTrainOp<GlobalAveragePoolLayer> = {
  forward: (tf, _, inputs) => tf.mean<Tensor4D>(inputs[0]!, [1, 2], true),
};
