import type { Rank } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import { elements } from '../shape';
import type { WeightedTrainOp } from '../train-op';
import type { DenseLayer } from './graph';

export const dense: WeightedTrainOp<DenseLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const batch = x.shape[0];
    const flat = tf.reshape<Rank.R2>(x, [batch, elements(layer.inputShape)]);
    const matrix = reshaped<Rank.R2>(tf, weights, weightShape(layer));
    return tf.reshape(tf.matMul(flat, matrix), [batch, 1, 1, layer.units]);
  },
};

/** [inputs, units] */
function weightShape({ inputShape, units }: DenseLayer): [number, number] {
  return [elements(inputShape), units];
}
