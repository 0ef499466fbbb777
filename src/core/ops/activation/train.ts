import { activate } from '../../train/kernels/activate';
import type { PlainTrainOp } from '../train-op';
import type { ActivationLayer } from './graph';

export const activation: PlainTrainOp<ActivationLayer> = {
  forward: (tf, layer, inputs) => activate(tf, inputs[0]!, layer.activation),
};
