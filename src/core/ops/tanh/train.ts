import type { PlainTrainOp } from '../train-op';
import type { TanhLayer } from './graph';

export const tanh: PlainTrainOp<TanhLayer> = {
  forward: (tf, _, inputs) => tf.tanh(inputs[0]!),
};
