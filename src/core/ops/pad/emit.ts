import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { padCode } from './execute';
import type { PadLayer } from './graph';

export const pad: EmitOp<PadLayer> = {
  kernel: 'east_pad',
  header: 'east_pad',
  params: {
    struct: 'east_pad_params',
    values: (layer, { model }) => {
      const [top = 0, , left = 0, , front = 0] = layer.pads;
      const [height, width, channels] = layer.inputShape;
      const [, outWidth, outChannels] = layer.outputShape;
      return braces(
        elements(layer.outputShape),
        (top * outWidth + left) * outChannels + front,
        (outWidth - width) * outChannels,
        height,
        width,
        channels,
        outChannels,
        padCode(layer, model),
      );
    },
  },
  output: 'apart',
  dimensions: ({ inputShape, outputShape }) => [...inputShape, ...outputShape],
};
