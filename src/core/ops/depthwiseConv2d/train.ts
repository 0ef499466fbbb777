import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import type { Tf } from '../../train/kernels/tf';
import { depthwiseConvolution } from '../../train/kernels/windows';
import type { WeightedTrainOp } from '../train-op';
import type { DepthwiseConv2DLayer } from './graph';

export const depthwiseConv2d: WeightedTrainOp<DepthwiseConv2DLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const filters = reshaped<Rank.R4>(tf, weights, weightShape(layer));
    const { multiplier = 1 } = layer;
    return depthwiseConvolution(tf, repeated(tf, x, multiplier), filters, layer);
  },
};

/** [kernel height, kernel width, channels, 1 output for each] */
function weightShape({
  kernel,
  outputShape,
}: DepthwiseConv2DLayer): [number, number, number, number] {
  return [...kernel, outputShape[2], 1];
}

/** Each channel as often as it has filters, so that every engine's fastest way is taken: that of one filter a channel. */
function repeated(tf: Tf, x: Tensor4D, times: number): Tensor4D {
  if (times === 1) return x;
  const [n, h, w, c] = x.shape;
  const apart = tf.reshape(x, [n * h * w, c, 1]);
  return tf.reshape(tf.mul(apart, tf.ones([1, 1, times])), [n, h, w, c * times]);
}
