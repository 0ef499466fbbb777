import { maxPool } from '../../train/kernels/max-pool';
import type { PlainTrainOp } from '../train-op';
import type { GlobalMaxPoolLayer } from './graph';

export const globalMaxPool: PlainTrainOp<GlobalMaxPoolLayer> = {
  forward: (tf, { inputShape: [height, width] }, inputs) =>
    maxPool(tf, inputs[0]!, [height, width], [height, width], 'valid'),
};
