import type { Rank } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import { convolution } from '../../train/kernels/windows';
import type { WeightedTrainOp } from '../train-op';
import { groupDepth, type Conv2DLayer } from './graph';

export const conv2d: WeightedTrainOp<Conv2DLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const filters = reshaped<Rank.R4>(tf, weights, weightShape(layer));
    return convolution(tf, x, filters, layer, layer.groups);
  },
};

/** HWIO */
function weightShape(layer: Conv2DLayer): [number, number, number, number] {
  return [...layer.kernel, groupDepth(layer), layer.filters];
}
