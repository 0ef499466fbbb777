import type { PlainTrainOp } from '../train-op';
import type { SoftmaxLayer } from './graph';

/** Left out: the loss has it, and the largest logit stays the largest. Where no loss has it the forward pass ends in it. */
export const softmax: PlainTrainOp<SoftmaxLayer> = {
  forward: (_, __, inputs) => inputs[0]!,
};
