import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { KernelKeys, WeightedKeys, WindowKeys } from '../layer-keys';
import {
  ACTIVATION,
  BATCH_NORM,
  DILATION,
  KERNEL,
  MULTIPLIER,
  PADDING,
  STRIDE,
} from '../layer-keys';
import { clamped, elements, homogeneous } from '../shape';
import { checkSequence } from '../sequence';
import { windowed } from '../time';
import type { Window } from '../window';
import { cropped, kernelWindow, windowShape } from '../window';

/** Weights are stored [kernel height, kernel width, output channels] (TFLite's [1, H, W, C]). */
export interface DepthwiseConv2DLayer extends WeightedBase, Window {
  readonly kind: 'depthwiseConv2d';
  /** Where it is not 1: output channels for each of the input's, one after the other. */
  readonly multiplier?: number;
}

export interface DepthwiseConv2DConfig extends ConfigBase, WindowKeys, KernelKeys, WeightedKeys {
  readonly type: 'depthwiseConv2d' | 'depthwiseConv1d';
  readonly multiplier?: number;
}

export const depthwiseConv2d: GraphOp<DepthwiseConv2DLayer, DepthwiseConv2DConfig> = {
  types: { depthwiseConv2d: { defaultName: 'dw' }, depthwiseConv1d: { defaultName: 'dw' } },
  keys: [KERNEL, STRIDE, PADDING, DILATION, MULTIPLIER, BATCH_NORM, ACTIVATION],
  example: { type: 'depthwiseConv2d', kernel: 3, activation: 'relu' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    checkSequence(config, place.inputShape, fail);
    const window = kernelWindow(config, fail);
    const { multiplier = 1 } = config;
    const channels = place.inputShape[2] * multiplier;
    return {
      ...place,
      kind: 'depthwiseConv2d',
      ...window,
      ...(multiplier === 1 ? {} : { multiplier }),
      outputShape: windowShape(place.inputShape, window, channels, 'kernel', fail),
      batchNorm: config.batchNorm ?? true,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ kernel, outputShape }) => [...kernel, outputShape[2]],
    channel: 'last',
    macs: ({ kernel, outputShape }) => elements(outputShape) * elements(kernel),
  },
  cropped: cropped(([row, column]) => [row, column, 0]),
  overTime: windowed((layer) => layer, true),
  clamped,
  channels: 'each',
  homogeneous,
  flow: ({ multiplier = 1 }) => (multiplier > 1 ? 'own' : 'each'),
  last: false,
};

/** Batch norm that no other layer can take over: a convolution of one pixel, whose weights it scales. */
export const NORM_ALONE: DepthwiseConv2DConfig = {
  type: 'depthwiseConv2d',
  kernel: 1,
  padding: 'valid',
  batchNorm: true,
};
