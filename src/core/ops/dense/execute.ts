import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import { weightedExecute } from '../weighted/execute';
import type { DenseLayer } from './graph';

/** A window over one pixel that has all inputs as its channels. */
export const dense: ExecuteOp<DenseLayer> = weightedExecute<DenseLayer>(({ inputShape }) => ({
  inputShape: [1, 1, elements(inputShape)],
  window: { kernel: [1, 1], stride: [1, 1], padding: 'valid' },
  groups: 1,
  channel: 'first',
}));
