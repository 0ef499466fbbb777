import { braces } from '../../firmware/c-text';
import { operandValues } from '../elementwise/emit';
import { operandQuantizations } from '../elementwise/execute';
import type { EmitOp } from '../emit-op';
import { preluFactors } from './execute';
import type { PreluLayer } from './graph';

export const prelu: EmitOp<PreluLayer> = {
  kernel: 'east_prelu',
  header: 'east_prelu',
  params: {
    struct: 'east_prelu_params',
    values: (layer, placed) => {
      const { first, second, output } = operandQuantizations(layer, placed.model);
      const { positive, negative } = preluFactors(layer, placed.model);
      return braces(
        operandValues(layer, placed),
        braces(negative.multiplier, positive.multiplier),
        braces(negative.shift, positive.shift),
        braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
