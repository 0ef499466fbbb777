import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { reducedDimensions, reducedValues } from '../reduced/emit';
import { meanFactor } from './execute';
import type { ReduceMeanLayer } from './graph';

export const reduceMean: EmitOp<ReduceMeanLayer> = {
  kernel: 'east_mean',
  header: 'east_mean',
  params: {
    struct: 'east_mean_params',
    values: (layer, { model }) => {
      const { multiplier, shift } = meanFactor(layer, model);
      return braces(
        reducedValues(layer),
        multiplier,
        shift,
        tensorOf(model, layer.inputs[0]).zeroPoint,
        tensorOf(model, layer.name).zeroPoint,
      );
    },
  },
  output: 'apart',
  dimensions: reducedDimensions,
};
