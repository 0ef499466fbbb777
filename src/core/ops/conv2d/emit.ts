import { braces } from '../../firmware/c-text';
import { windowDimensions, windowStruct } from '../../firmware/window-struct';
import { denseOnce } from '../dense/once-emit';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { isDilated } from '../window';
import { groupDepth, type Conv2DLayer } from './graph';

/** Bytes of the inputs under two neighbouring output pixels, for four weights: as int16 (east_multiply.c), the same on all targets. */
const FOUR_OF_COLUMNS = 16;

const plain: EmitOp<Conv2DLayer> = {
  kernel: 'east_conv_2d',
  uses: ['east_multiply'],
  params: {
    struct: 'east_conv_2d_params',
    values: (layer, { scratch }) => braces(scratch, windowStruct(layer, layer)),
  },
  output: 'apart',
  /** The inputs under neighbouring output pixels, gathered. */
  scratchBytes: columnBytes,
  dimensions: windowDimensions,
  foldsZeroPoint: true,
};

/** Apart, so that networks without dilation and groups do not pay for them. */
const general: EmitOp<Conv2DLayer> = {
  ...plain,
  kernel: 'east_conv_2d_general',
  header: 'east_conv_2d_general',
  params: {
    struct: 'east_conv_2d_general_params',
    values: (layer, { scratch }) => {
      const { dilation = [1, 1], groups = 1 } = layer;
      return braces(scratch, windowStruct(layer, layer), ...dilation, groups);
    },
  },
};

export const conv2d: EmitOp<Conv2DLayer> = {
  ...plain,
  variant: (layer) => {
    // Of a dense layer over several columns, each a pixel.
    if (layer.rounding === 'once') return denseOnce;
    return isDilated(layer) || (layer.groups ?? 1) > 1 ? general : undefined;
  },
};

function columnBytes(layer: Conv2DLayer): number {
  return FOUR_OF_COLUMNS * Math.ceil((elements(layer.kernel) * groupDepth(layer)) / 4);
}
