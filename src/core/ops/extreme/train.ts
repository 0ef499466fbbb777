import type { Tensor4D } from '@tensorflow/tfjs-core';
import { operandTensors } from '../elementwise/train';
import type { PlainTrainOp } from '../train-op';
import type { ExtremeLayer } from './graph';

/** Of operations that every engine has with their gradients; where both operands are the same it goes to the first. */
export const extreme: PlainTrainOp<ExtremeLayer> = {
  forward: (tf, layer, inputs, constants) => {
    const [first, second] = operandTensors(layer, inputs, constants);
    return layer.which === 'maximum'
      ? tf.add<Tensor4D>(first, tf.relu(tf.sub<Tensor4D>(second, first)))
      : tf.sub<Tensor4D>(first, tf.relu(tf.sub<Tensor4D>(first, second)));
  },
};
