import { braces } from '../../firmware/c-text';
import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import type { Conv2DLayer } from './graph';

/** Output pixels that east_conv_2d.c, the same on all targets, computes together. */
const COLUMNS = 2;

export const conv2d: EmitOp<Conv2DLayer> = {
  kernel: 'east_conv_2d',
  uses: ['east_multiply'],
  params: {
    struct: 'east_conv_2d_params',
    values: (layer, { scratch }) => braces(scratch, windowStruct(layer, layer)),
  },
  output: 'apart',
  /** The inputs under neighbouring output pixels, gathered; of a pointwise convolution they lie together already. */
  scratchBytes: ({ kernel, stride, inputShape, outputShape }) => {
    if ([...kernel, ...stride].every((n) => n === 1)) return 0;
    const columns = Math.min(COLUMNS, outputShape[0] * outputShape[1]);
    return columns * elements(kernel) * inputShape[2];
  },
  dimensions: windowDimensions,
  foldsZeroPoint: true,
};
