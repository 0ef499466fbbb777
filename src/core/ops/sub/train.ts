import type { Tensor4D } from '@tensorflow/tfjs-core';
import { activate } from '../../train/kernels/activate';
import { operandTensors } from '../elementwise/train';
import type { PlainTrainOp } from '../train-op';
import type { SubLayer } from './graph';

export const sub: PlainTrainOp<SubLayer> = {
  forward: (tf, layer, inputs, constants) => {
    const [first, second] = operandTensors(layer, inputs, constants);
    return activate(tf, tf.sub<Tensor4D>(first, second), layer.activation);
  },
};
