import { maxPool } from '../../train/kernels/max-pool';
import type { PlainTrainOp } from '../train-op';
import type { MaxPool2DLayer } from './graph';

export const maxPool2d: PlainTrainOp<MaxPool2DLayer> = {
  forward: (tf, { pool, stride, padding }, inputs) =>
    maxPool(tf, inputs[0]!, [...pool], [...stride], padding),
};
