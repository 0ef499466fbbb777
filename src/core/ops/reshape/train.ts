import type { PlainTrainOp } from '../train-op';
import type { ReshapeLayer } from './graph';

export const reshape: PlainTrainOp<ReshapeLayer> = {
  forward: (tf, { outputShape }, inputs) =>
    tf.reshape(inputs[0]!, [inputs[0]!.shape[0], ...outputShape]),
};
