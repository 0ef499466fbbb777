import type { Tensor4D } from '@tensorflow/tfjs-core';
import { activate } from '../../train/kernels/activate';
import type { PlainTrainOp } from '../train-op';
import type { AddLayer } from './graph';

export const add: PlainTrainOp<AddLayer> = {
  forward: (tf, layer, inputs) =>
    activate(tf, tf.add<Tensor4D>(inputs[0]!, inputs[1]!), layer.activation),
};
