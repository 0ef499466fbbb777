import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import type { ActivationLayer } from './graph';

export const activation: EmitOp<ActivationLayer> = {
  kernel: 'east_clamp',
  params: {
    struct: 'east_clamp_params',
    values: (layer, { model }) => {
      const { min, max } = activationRange(layer.activation, tensorOf(model, layer.name));
      return braces(elements(layer.outputShape), min, max);
    },
  },
  output: 'over',
  dimensions: () => [],
};
