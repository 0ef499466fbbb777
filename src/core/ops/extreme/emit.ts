import { braces } from '../../firmware/c-text';
import { operandValues } from '../elementwise/emit';
import { operandQuantizations } from '../elementwise/execute';
import type { EmitOp } from '../emit-op';
import { extremeFactors } from './execute';
import type { ExtremeLayer } from './graph';

export const extreme: EmitOp<ExtremeLayer> = {
  kernel: 'east_extreme',
  header: 'east_extreme',
  params: {
    struct: 'east_extreme_params',
    values: (layer, placed) => {
      const { first, second, output } = operandQuantizations(layer, placed.model);
      const factors = extremeFactors(layer, placed.model);
      return braces(
        operandValues(layer, placed),
        braces(...factors.map(({ multiplier }) => multiplier)),
        braces(...factors.map(({ shift }) => shift)),
        braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
        layer.which === 'maximum' ? 1 : 0,
      );
    },
  },
  output: 'over',
  dimensions: () => [],
};
