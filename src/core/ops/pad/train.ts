import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import type { PadLayer } from './graph';

export const pad: PlainTrainOp<PadLayer> = {
  forward: (tf, { pads, value = 0 }, inputs) => {
    const [top = 0, bottom = 0, left = 0, right = 0, front = 0, behind = 0] = pads;
    const padded: Tensor4D = tf.pad(
      inputs[0]!,
      [
        [0, 0],
        [top, bottom],
        [left, right],
        [front, behind],
      ],
      value,
    );
    return padded;
  },
};
