import type { PlainTrainOp } from '../train-op';
import type { AveragePool2DLayer } from './graph';

export const averagePool2d: PlainTrainOp<AveragePool2DLayer> = {
  forward: (tf, { pool, stride, padding }, inputs) =>
    tf.avgPool(inputs[0]!, [...pool], [...stride], padding),
};
