import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { ConfigPair, WeightedKeys, WindowKeys } from '../layer-keys';
import { ACTIVATION, BATCH_NORM, FILTERS, KERNEL, PADDING, required, STRIDE } from '../layer-keys';
import { clamped, elements, homogeneous } from '../shape';
import type { Window } from '../window';
import { cropped, kernelWindow, windowShape } from '../window';

/** Weights are stored OHWI: [filters, kernel height, kernel width, input channels], TFLite's order. */
export interface Conv2DLayer extends WeightedBase, Window {
  readonly kind: 'conv2d';
  readonly filters: number;
}

export interface Conv2DConfig extends ConfigBase, WindowKeys, WeightedKeys {
  readonly type: 'conv2d';
  readonly filters?: number;
  readonly kernel?: ConfigPair;
}

export const conv2d: GraphOp<Conv2DLayer, Conv2DConfig> = {
  types: { conv2d: { defaultName: 'conv' } },
  keys: [FILTERS, KERNEL, STRIDE, PADDING, BATCH_NORM, ACTIVATION],
  example: { type: 'conv2d', filters: 16, kernel: 3, activation: 'relu' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const window = kernelWindow(config, fail);
    const filters = required(config, 'filters', fail);
    return {
      ...place,
      kind: 'conv2d',
      filters,
      ...window,
      outputShape: windowShape(place.inputShape, window, filters, 'kernel', fail),
      batchNorm: config.batchNorm ?? true,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ filters, kernel, inputShape }) => [filters, ...kernel, inputShape[2]],
    channel: 'first',
    macs: ({ kernel, inputShape, outputShape }) =>
      elements(outputShape) * elements(kernel) * inputShape[2],
  },
  cropped,
  clamped,
  channels: 'mixed',
  homogeneous,
  last: false,
};
