import type { PlainTrainOp } from '../train-op';
import type { SigmoidLayer } from './graph';

export const sigmoid: PlainTrainOp<SigmoidLayer> = {
  forward: (tf, _, inputs) => tf.sigmoid(inputs[0]!),
};
