import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { Fail, KernelKeys, WeightedKeys, WindowKeys } from '../layer-keys';
import { ACTIVATION, BATCH_NORM, FILTERS, KERNEL, PADDING, required, STRIDE } from '../layer-keys';
import { allSides, bothAxes, checkSequence } from '../sequence';
import type { Padding, Pair, Shape } from '../shape';
import { clamped, elements, homogeneous } from '../shape';
import { convPadding } from '../window';

/**
 * Each pixel of the input gives the filter's taps, times its values, to a patch of the output; patches lie `stride` apart and
 * add up where they overlap. Weights are stored OHWI: [filters, kernel height, kernel width, input channels], TFLite's order.
 */
export interface Conv2DTransposeLayer extends WeightedBase {
  readonly kind: 'conv2dTranspose';
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  /** What is cut off at the sides of all patches: `padding` of the convolution that makes the input's size of the output's. */
  readonly padding: Padding;
}

export interface Conv2DTransposeConfig
  extends ConfigBase, WindowKeys, Omit<KernelKeys, 'dilation'>, WeightedKeys {
  readonly type: 'conv2dTranspose' | 'conv1dTranspose';
  readonly filters?: number;
}

export const conv2dTranspose: GraphOp<Conv2DTransposeLayer, Conv2DTransposeConfig> = {
  types: { conv2dTranspose: { defaultName: 'up' }, conv1dTranspose: { defaultName: 'up' } },
  keys: [FILTERS, KERNEL, STRIDE, PADDING, BATCH_NORM, ACTIVATION],
  example: { type: 'conv2dTranspose', filters: 8, kernel: 2, stride: 2, activation: 'relu' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const filters = required(config, 'filters', fail);
    checkSequence(config, place.inputShape, fail);
    const kernel = bothAxes(config, 'kernel', required(config, 'kernel', fail), fail);
    const stride = bothAxes(config, 'stride', config.stride ?? 1, fail);
    const padding = allSides(config, config.padding ?? 'same', fail);
    const patches = { kernel, stride, padding };
    return {
      ...place,
      kind: 'conv2dTranspose',
      filters,
      ...patches,
      outputShape: outputShape(place.inputShape, patches, filters, fail),
      batchNorm: config.batchNorm ?? true,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ filters, kernel, inputShape }) => [filters, ...kernel, inputShape[2]],
    channel: 'first',
    macs: ({ filters, kernel, inputShape }) => elements(inputShape) * elements(kernel) * filters,
  },
  clamped,
  channels: 'mixed',
  homogeneous,
  last: false,
};

type Patches = Pick<Conv2DTransposeLayer, 'kernel' | 'stride' | 'padding'>;

/** Rows and columns of the first patch that are cut off. */
export function cutBefore({
  outputShape,
  kernel,
  stride,
  padding,
}: Pick<Conv2DTransposeLayer, 'outputShape'> & Patches): { top: number; left: number } {
  if (typeof padding !== 'string') return { top: padding[0], left: padding[2] };
  const along = padding === 'valid' ? 'valid' : 'same';
  return {
    top: convPadding(outputShape[0], kernel[0], stride[0], along).before,
    left: convPadding(outputShape[1], kernel[1], stride[1], along).before,
  };
}

function outputShape(input: Shape, patches: Patches, filters: number, fail: Fail): Shape {
  const { kernel, stride, padding } = patches;
  if (padding === 'causal') fail('"causal" has no meaning where the output grows', 'padding');
  const sizes = ([0, 1] as const).map((axis) => {
    const [size, taps, step] = [input[axis], kernel[axis], stride[axis]];
    if (padding === 'same') return size * step;
    // TensorFlow's rule: a patch shorter than the stride leaves a gap behind the last one, too.
    if (typeof padding === 'string') return size * step + Math.max(0, taps - step);
    const [before, after] = axis === 0 ? [padding[0], padding[1]] : [padding[2], padding[3]];
    if (before >= taps || after >= taps) {
      fail(`"padding" cuts off all ${taps} taps of the ${kernel.join('×')} kernel`, 'padding');
    }
    return (size - 1) * step + taps - before - after;
  });
  if (sizes.some((size) => size < 1)) fail('"padding" leaves nothing of its output', 'padding');
  return [sizes[0]!, sizes[1]!, filters];
}
