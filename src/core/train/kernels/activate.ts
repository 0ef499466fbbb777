import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import type { Activation } from '../../ops/shape';
import type { Tf } from './tf';

/** The clamp that is fused into a layer; the derivative of relu and relu6 at their corners is 0. */
export function activate<R extends Rank>(tf: Tf, z: Tensor<R>, activation: Activation): Tensor<R> {
  if (activation === 'none') return z;
  return activation === 'relu' ? tf.relu(z) : tf.relu6(z);
}
