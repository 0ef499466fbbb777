import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import { indexQuantization } from './execute';
import type { ArgmaxLayer } from './graph';

export const argmax: EmitOp<ArgmaxLayer> = {
  kernel: 'east_argmax',
  header: 'east_argmax',
  params: {
    struct: 'east_argmax_params',
    values: (layer) => {
      const [height, width, channels] = layer.inputShape;
      return braces(height * width, channels, indexQuantization(layer).zeroPoint);
    },
  },
  output: 'apart',
  dimensions: () => [],
};
