import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import type { EmitOp } from '../emit-op';
import type { DepthwiseConv2DLayer } from './graph';

/** The kernel skips padding, so it subtracts the input's zero point itself. */
export const depthwiseConv2d: EmitOp<DepthwiseConv2DLayer> = {
  kernel: 'east_depthwise_conv_2d',
  params: { struct: 'east_window', values: (layer) => windowStruct(layer, layer) },
  output: 'apart',
  dimensions: windowDimensions,
};
