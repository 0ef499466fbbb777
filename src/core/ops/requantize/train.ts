import type { PlainTrainOp } from '../train-op';
import type { RequantizeLayer } from './graph';

/** The numbers stay; the grid that they are rounded to is its output's own. */
export const requantize: PlainTrainOp<RequantizeLayer> = {
  forward: (_, __, inputs) => inputs[0]!,
};
