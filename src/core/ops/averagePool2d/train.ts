import { averageUnder } from '../../train/kernels/windows';
import { poolWindow } from '../pooling/graph';
import type { PlainTrainOp } from '../train-op';
import type { AveragePool2DLayer } from './graph';

export const averagePool2d: PlainTrainOp<AveragePool2DLayer> = {
  forward: (tf, layer, inputs) => averageUnder(tf, inputs[0]!, poolWindow(layer)),
};
