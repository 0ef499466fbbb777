import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import type { EmitOp } from '../emit-op';
import type { Conv2DTransposeLayer } from './graph';
import { cutBefore } from './graph';

/** How many patches add up differs from pixel to pixel, so the kernel subtracts the input's zero point itself. */
export const conv2dTranspose: EmitOp<Conv2DTransposeLayer> = {
  kernel: 'east_conv_2d_transpose',
  header: 'east_conv_2d_transpose',
  params: {
    struct: 'east_window',
    values: (layer) => windowStruct(layer, layer, cutBefore(layer)),
  },
  output: 'apart',
  dimensions: windowDimensions,
};
