import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { WeightedTrainOp } from '../train-op';
import type { LayerNormLayer } from './graph';

export const layerNorm: WeightedTrainOp<LayerNormLayer> = {
  weightShape: ({ inputShape }) => [inputShape[2]],
  products: (tf, { epsilon }, x, weights) => {
    const distance = tf.sub<Tensor4D>(x, tf.mean(x, 3, true));
    const variance = tf.mean(tf.square(distance), 3, true);
    const normalised = tf.div<Tensor4D>(distance, tf.sqrt(tf.add(variance, epsilon)));
    return tf.mul<Tensor4D>(normalised, weights);
  },
  initialWeight: 1,
};
