import type { ExecuteOp } from '../execute-op';
import { weightedExecute } from '../weighted/execute';
import type { DepthwiseConv2DLayer } from './graph';

export const depthwiseConv2d: ExecuteOp<DepthwiseConv2DLayer> =
  weightedExecute<DepthwiseConv2DLayer>((layer) => ({
    inputShape: layer.inputShape,
    window: layer,
    groups: layer.inputShape[2],
    channel: 'last',
  }));
