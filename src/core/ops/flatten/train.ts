import { elements } from '../shape';
import type { PlainTrainOp } from '../train-op';
import type { FlattenLayer } from './graph';

export const flatten: PlainTrainOp<FlattenLayer> = {
  forward: (tf, { inputShape }, inputs) =>
    tf.reshape(inputs[0]!, [inputs[0]!.shape[0], 1, 1, elements(inputShape)]),
};
