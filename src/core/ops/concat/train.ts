import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PlainTrainOp } from '../train-op';
import { AXES, type ConcatLayer } from './graph';

/** The sum of the inputs, each with zeros where the others lie. */
export const concat: PlainTrainOp<ConcatLayer> = {
  forward: (tf, { along, sizes }, inputs) => {
    const axis = 1 + AXES.indexOf(along);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    let before = 0;
    let sum: Tensor4D | undefined;
    inputs.forEach((input, i) => {
      const after = total - before - sizes[i]!;
      const widths = [0, 1, 2, 3].map((at): [number, number] =>
        at === axis ? [before, after] : [0, 0],
      );
      const padded: Tensor4D = tf.pad(input, widths);
      sum = sum === undefined ? padded : tf.add<Tensor4D>(sum, padded);
      before += sizes[i]!;
    });
    return sum!;
  },
};
