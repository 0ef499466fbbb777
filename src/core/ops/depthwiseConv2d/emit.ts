import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import type { EmitOp } from '../emit-op';
import { braces } from '../../firmware/c-text';
import { isDilated } from '../window';
import type { DepthwiseConv2DLayer } from './graph';

/** The kernel skips padding, so it subtracts the input's zero point itself. */
const plain: EmitOp<DepthwiseConv2DLayer> = {
  kernel: 'east_depthwise_conv_2d',
  params: { struct: 'east_window', values: (layer) => windowStruct(layer, layer) },
  output: 'apart',
  dimensions: windowDimensions,
};

/** Apart, so that networks without dilation and multipliers do not pay for them. */
const general: EmitOp<DepthwiseConv2DLayer> = {
  ...plain,
  kernel: 'east_depthwise_conv_2d_general',
  header: 'east_depthwise_conv_2d_general',
  params: {
    struct: 'east_depthwise_conv_2d_general_params',
    values: (layer) => {
      const { dilation = [1, 1], multiplier = 1 } = layer;
      return braces(windowStruct(layer, layer), ...dilation, multiplier);
    },
  },
};

export const depthwiseConv2d: EmitOp<DepthwiseConv2DLayer> = {
  ...plain,
  variant: (layer) => (isDilated(layer) || (layer.multiplier ?? 1) > 1 ? general : undefined),
};
