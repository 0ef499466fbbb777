import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import { activationRange } from '../../quant/quantization';
import type { EmitOp } from '../emit-op';
import { elements } from '../shape';
import { addFactors } from './execute';
import type { AddLayer } from './graph';

export const add: EmitOp<AddLayer> = {
  kernel: 'east_add',
  params: {
    struct: 'east_add_params',
    values: (layer, { model, offsetOf }) => {
      const [first, second] = [tensorOf(model, layer.inputs[0]), tensorOf(model, layer.inputs[1])];
      const output = tensorOf(model, layer.name);
      const factors = addFactors(first, second, output);
      const all = [factors.first, factors.second, factors.output];
      const { min, max } = activationRange(layer.activation, output);
      return braces(
        offsetOf(layer.inputs[1]),
        elements(layer.outputShape),
        braces(...all.map(({ multiplier }) => multiplier)),
        braces(...all.map(({ shift }) => shift)),
        braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
        min,
        max,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
