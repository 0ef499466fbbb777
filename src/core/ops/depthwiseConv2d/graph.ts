import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { ConfigPair, WeightedKeys, WindowKeys } from '../layer-keys';
import { ACTIVATION, BATCH_NORM, KERNEL, PADDING, STRIDE } from '../layer-keys';
import { clamped, elements, homogeneous } from '../shape';
import type { Window } from '../window';
import { cropped, kernelWindow, windowShape } from '../window';

/** Channel multiplier 1. Weights are stored [kernel height, kernel width, channels] (TFLite's [1, H, W, C]). */
export interface DepthwiseConv2DLayer extends WeightedBase, Window {
  readonly kind: 'depthwiseConv2d';
}

export interface DepthwiseConv2DConfig extends ConfigBase, WindowKeys, WeightedKeys {
  readonly type: 'depthwiseConv2d';
  readonly kernel?: ConfigPair;
}

export const depthwiseConv2d: GraphOp<DepthwiseConv2DLayer, DepthwiseConv2DConfig> = {
  types: { depthwiseConv2d: { defaultName: 'dw' } },
  keys: [KERNEL, STRIDE, PADDING, BATCH_NORM, ACTIVATION],
  example: { type: 'depthwiseConv2d', kernel: 3, activation: 'relu' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const window = kernelWindow(config, fail);
    const channels = place.inputShape[2];
    return {
      ...place,
      kind: 'depthwiseConv2d',
      ...window,
      outputShape: windowShape(place.inputShape, window, channels, 'kernel', fail),
      batchNorm: config.batchNorm ?? true,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ kernel, inputShape }) => [...kernel, inputShape[2]],
    channel: 'last',
    macs: ({ kernel, outputShape }) => elements(outputShape) * elements(kernel),
  },
  cropped,
  clamped,
  channels: 'each',
  homogeneous,
  last: false,
};
