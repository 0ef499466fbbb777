import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { leakyReluFactors } from './execute';
import type { LeakyReluLayer } from './graph';

export const leakyRelu: EmitOp<LeakyReluLayer> = {
  kernel: 'east_leaky_relu',
  header: 'east_leaky_relu',
  params: {
    struct: 'east_leaky_relu_params',
    values: (layer, { model }) => {
      const { positive, negative } = leakyReluFactors(layer, model);
      return braces(
        elements(layer.outputShape),
        braces(negative.multiplier, positive.multiplier),
        braces(negative.shift, positive.shift),
        tensorOf(model, layer.inputs[0]).zeroPoint,
        tensorOf(model, layer.name).zeroPoint,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
