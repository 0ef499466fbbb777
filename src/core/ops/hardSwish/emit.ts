import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { hardSwishFactors } from './execute';
import type { HardSwishLayer } from './graph';

export const hardSwish: EmitOp<HardSwishLayer> = {
  kernel: 'east_hard_swish',
  header: 'east_hard_swish',
  params: {
    struct: 'east_hard_swish_params',
    values: (layer, { model }) => {
      const { gate, output } = hardSwishFactors(layer, model);
      return braces(
        elements(layer.outputShape),
        gate.multiplier,
        output.multiplier,
        gate.shift,
        -output.shift,
        tensorOf(model, layer.inputs[0]).zeroPoint,
        tensorOf(model, layer.name).zeroPoint,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
