import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import { stateFactor } from '../recurrent/execute';
import { STATE_BITS } from './execute';
import type { GruLayer } from './graph';
import { GRU_GATES } from './graph';

export const gru: EmitOp<GruLayer> = {
  kernel: 'east_gru',
  header: 'east_recurrent',
  uses: ['east_recurrent'],
  params: {
    struct: 'east_recurrent_params',
    values: (layer, { model, scratch }) => {
      const { multiplier, shift } = stateFactor(layer, model, STATE_BITS);
      const [, time, channels] = layer.inputShape;
      return braces(
        ...[scratch, multiplier, time, channels, layer.units],
        ...[0, 0, shift, 0, layer.returnSequences ? 1 : 0],
      );
    },
  },
  output: 'apart',
  /** The state as int16 and as int8. */
  scratchBytes: ({ units }) => 3 * units,
  dimensions: ({ inputShape, units }) => [inputShape[1], inputShape[2], GRU_GATES * units],
  foldsZeroPoint: true,
};
