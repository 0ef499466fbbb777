import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { softmaxFactors } from './execute';
import type { SoftmaxLayer } from './graph';

export const softmax: EmitOp<SoftmaxLayer> = {
  kernel: 'east_softmax',
  params: {
    struct: 'east_softmax_params',
    values: (layer, { model }) => {
      const [height, width, channels] = layer.outputShape;
      const { multiplier, shift, least } = softmaxFactors(tensorOf(model, layer.inputs[0]));
      return braces(height * width, channels, multiplier, least, shift);
    },
  },
  /** A row is read before it is written. */
  output: 'over',
  dimensions: ({ outputShape }) => outputShape,
};
