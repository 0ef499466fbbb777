import type { Rank } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import { depthwiseConvolution } from '../../train/kernels/windows';
import type { WeightedTrainOp } from '../train-op';
import type { DepthwiseConv2DLayer } from './graph';

export const depthwiseConv2d: WeightedTrainOp<DepthwiseConv2DLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const filters = reshaped<Rank.R4>(tf, weights, weightShape(layer));
    return depthwiseConvolution(tf, x, filters, layer);
  },
};

/** [kernel height, kernel width, channels, 1 output for each] */
function weightShape({
  kernel,
  inputShape,
}: DepthwiseConv2DLayer): [number, number, number, number] {
  return [...kernel, inputShape[2], 1];
}
