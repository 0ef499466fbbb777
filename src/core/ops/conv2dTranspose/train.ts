import type { Rank } from '@tensorflow/tfjs-core';
import { reshaped } from '../../train/kernels/reshaped';
import type { WeightedTrainOp } from '../train-op';
import type { Conv2DTransposeLayer } from './graph';

export const conv2dTranspose: WeightedTrainOp<Conv2DTransposeLayer> = {
  weightShape,
  products: (tf, layer, x, weights) => {
    const { kernel, stride, padding, filters } = layer;
    const [images] = x.shape;
    const [height, width] = layer.outputShape;
    // TensorFlow.js has the filters before the input's channels.
    const taps = tf.transpose(reshaped<Rank.R4>(tf, weights, weightShape(layer)), [0, 1, 3, 2]);
    if (padding === 'same' || padding === 'valid') {
      const shape: [number, number, number, number] = [images, height, width, filters];
      return tf.conv2dTranspose(x, taps, shape, [...stride], padding);
    }
    // All patches whole, and then what is left of them: every engine can do that.
    const whole = ([0, 1] as const).map(
      (axis) => (layer.inputShape[axis] - 1) * stride[axis] + Math.max(kernel[axis], stride[axis]),
    );
    const shape: [number, number, number, number] = [images, whole[0]!, whole[1]!, filters];
    const y = tf.conv2dTranspose(x, taps, shape, [...stride], 'valid');
    const [top, , left] = typeof padding === 'string' ? [0, 0, 0] : padding;
    return tf.slice(y, [0, top, left, 0], [images, height, width, filters]);
  },
};

/** HWIO */
function weightShape({
  kernel,
  inputShape,
  filters,
}: Conv2DTransposeLayer): [number, number, number, number] {
  return [...kernel, inputShape[2], filters];
}
