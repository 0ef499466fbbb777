import type { PlainTrainOp } from '../train-op';
import type { ClipLayer } from './graph';

/** Beyond what any network computes. */
const ALL = 3e38;

export const clip: PlainTrainOp<ClipLayer> = {
  forward: (tf, { min = -ALL, max = ALL }, inputs) => tf.clipByValue(inputs[0]!, min, max),
};
