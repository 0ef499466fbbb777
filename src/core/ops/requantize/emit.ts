import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { requantizeFactor } from './execute';
import type { RequantizeLayer } from './graph';

export const requantize: EmitOp<RequantizeLayer> = {
  kernel: 'east_rescale',
  header: 'east_rescale',
  params: {
    struct: 'east_rescale_params',
    values: (layer, { model }) => {
      const { multiplier, shift } = requantizeFactor(layer, model);
      return braces(
        elements(layer.outputShape),
        multiplier,
        shift,
        tensorOf(model, layer.inputs[0]).zeroPoint,
        tensorOf(model, layer.name).zeroPoint,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
