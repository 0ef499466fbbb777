import { braces } from '../../firmware/c-text';
import { isPlain } from '../elementwise/graph';
import { activationValues, emitSum, factorValues } from '../elementwise/emit';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import type { AddLayer } from './graph';

const general = emitSum<AddLayer>(() => [1, 1]);

/** Two tensors of the same shape, as in every residual network, have a smaller and faster kernel of their own. */
export const add: EmitOp<AddLayer> = {
  kernel: 'east_add',
  variant: (layer) => (isPlain(layer) ? undefined : general),
  params: {
    struct: 'east_add_params',
    values: (layer, placed) =>
      braces(
        placed.offsetOf(layer.inputs[1]),
        elements(layer.outputShape),
        ...factorValues(layer, placed.model),
        ...activationValues(layer, placed),
      ),
  },
  output: 'over',
  dimensions: () => [],
};
