import type { ExecuteOp } from '../execute-op';
import { weightedExecute } from '../weighted/execute';
import type { Conv2DLayer } from './graph';

export const conv2d: ExecuteOp<Conv2DLayer> = weightedExecute<Conv2DLayer>((layer) => ({
  inputShape: layer.inputShape,
  window: layer,
  groups: layer.groups ?? 1,
  channel: 'first',
}));
