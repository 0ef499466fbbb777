import { largestUnder } from '../../train/kernels/windows';
import { poolWindow } from '../pooling/graph';
import type { PlainTrainOp } from '../train-op';
import type { MaxPool2DLayer } from './graph';

export const maxPool2d: PlainTrainOp<MaxPool2DLayer> = {
  forward: (tf, layer, inputs) => largestUnder(tf, inputs[0]!, poolWindow(layer)),
};
