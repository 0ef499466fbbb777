import { alongAxis, picked } from '../../train/kernels/along-axis';
import type { PlainTrainOp } from '../train-op';
import type { SliceLayer } from './graph';

/** Of a batch. */
const AXES = [1, 2, 3] as const;

export const slice: PlainTrainOp<SliceLayer> = {
  forward: (tf, { begin, extent, step, inputShape }, inputs) =>
    ([0, 1, 2] as const).reduce((x, axis) => {
      const [first, count, whole] = [begin[axis], extent[axis], inputShape[axis]];
      if (count === whole) return x;
      const matrix = picked(whole, count, (i) => first + i * (step?.[axis] ?? 1));
      return alongAxis(tf, x, AXES[axis], matrix, count);
    }, inputs[0]!),
};
