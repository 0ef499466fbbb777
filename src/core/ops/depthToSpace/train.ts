import type { Tensor } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { DepthToSpaceLayer } from './graph';

export const depthToSpace: PlainTrainOp<DepthToSpaceLayer> = {
  forward: (tf, { block, inverse, shuffle, inputShape, outputShape }, inputs) => {
    const x = inputs[0]!;
    const [n] = x.shape;
    const [height, width, channels] = inverse === true ? outputShape : inputShape;
    const each = channels / block ** 2;
    // Rows and columns of blocks, and in a block its rows i, columns j and channels c.
    const deep =
      shuffle === true
        ? [n, height, width, each, block, block]
        : [n, height, width, block, block, each];
    const [i, j, c] = shuffle === true ? [4, 5, 3] : [3, 4, 5];
    const turned: Tensor =
      inverse === true
        ? tf.transpose(
            tf.reshape(x, [n, height, block, width, block, each]),
            shuffle === true ? [0, 1, 3, 5, 2, 4] : [0, 1, 3, 2, 4, 5],
          )
        : tf.transpose(tf.reshape(x, deep), [0, 1, i, 2, j, c]);
    return tf.reshape(turned, [n, ...outputShape]);
  },
};
