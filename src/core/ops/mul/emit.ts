import { braces } from '../../firmware/c-text';
import { activationRange } from '../../quant/quantization';
import { operandValues } from '../elementwise/emit';
import { operandQuantizations } from '../elementwise/execute';
import type { EmitOp } from '../emit-op';
import { mulFactor } from './execute';
import type { MulLayer } from './graph';

export const mul: EmitOp<MulLayer> = {
  kernel: 'east_mul',
  header: 'east_mul',
  params: {
    struct: 'east_mul_params',
    values: (layer, placed) => {
      const { first, second, output } = operandQuantizations(layer, placed.model);
      const { multiplier, shift } = mulFactor(layer, placed.model);
      const { min, max } = activationRange(layer.activation, output);
      return braces(
        operandValues(layer, placed),
        multiplier,
        shift,
        braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
        min,
        max,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
