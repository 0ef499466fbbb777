import type { Rank } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import type { WeightedTrainOp } from '../train-op';
import type { Conv2DLayer } from './graph';

export const conv2d: WeightedTrainOp<Conv2DLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const filters = reshaped<Rank.R4>(tf, weights, weightShape(layer));
    return tf.conv2d(x, filters, [...layer.stride], layer.padding);
  },
};

/** HWIO */
function weightShape({
  kernel,
  inputShape,
  filters,
}: Conv2DLayer): [number, number, number, number] {
  return [...kernel, inputShape[2], filters];
}
