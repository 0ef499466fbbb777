import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { KernelKeys, WeightedKeys, WindowKeys } from '../layer-keys';
import {
  ACTIVATION,
  BATCH_NORM,
  DILATION,
  FILTERS,
  GROUPS,
  KERNEL,
  PADDING,
  required,
  STRIDE,
} from '../layer-keys';
import { clamped, elements, homogeneous } from '../shape';
import { checkSequence } from '../sequence';
import { windowed } from '../time';
import type { Window } from '../window';
import { cropped, kernelWindow, windowShape } from '../window';

/** Weights are stored OHWI: [filters, kernel height, kernel width, input channels of a group], TFLite's order. */
export interface Conv2DLayer extends WeightedBase, Window {
  readonly kind: 'conv2d';
  readonly filters: number;
  /** Where there are several: filter f reads the input channels of group ⌊f · groups / filters⌋. */
  readonly groups?: number;
}

export interface Conv2DConfig extends ConfigBase, WindowKeys, KernelKeys, WeightedKeys {
  readonly type: 'conv2d' | 'conv1d';
  readonly filters?: number;
  readonly groups?: number;
}

/** Input channels that a filter reads. */
export function groupDepth({ inputShape, groups = 1 }: Conv2DLayer): number {
  return inputShape[2] / groups;
}

export const conv2d: GraphOp<Conv2DLayer, Conv2DConfig> = {
  types: { conv2d: { defaultName: 'conv' }, conv1d: { defaultName: 'conv' } },
  keys: [FILTERS, KERNEL, STRIDE, PADDING, DILATION, GROUPS, BATCH_NORM, ACTIVATION],
  example: { type: 'conv2d', filters: 16, kernel: 3, activation: 'relu' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    checkSequence(config, place.inputShape, fail);
    const window = kernelWindow(config, fail);
    const filters = required(config, 'filters', fail);
    const { groups = 1 } = config;
    const channels = place.inputShape[2];
    if (channels % groups !== 0 || filters % groups !== 0) {
      fail(
        `${groups} "groups" do not divide its ${channels} input channels and ${filters} filters`,
        'groups',
      );
    }
    return {
      ...place,
      kind: 'conv2d',
      filters,
      ...window,
      ...(groups === 1 ? {} : { groups }),
      outputShape: windowShape(place.inputShape, window, filters, 'kernel', fail),
      batchNorm: config.batchNorm ?? true,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: (layer) => [layer.filters, ...layer.kernel, groupDepth(layer)],
    channel: 'first',
    macs: (layer) => elements(layer.outputShape) * elements(layer.kernel) * groupDepth(layer),
  },
  cropped: cropped(([row, column]) => [0, row, column, 0]),
  overTime: windowed((layer) => layer, true),
  clamped,
  channels: 'mixed',
  homogeneous,
  flow: ({ groups = 1 }) => (groups > 1 ? 'own' : 'mixed'),
  last: false,
};
