import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import { stateFactor } from '../recurrent/execute';
import { STATE_BITS } from './execute';
import type { GruLayer } from './graph';
import { GRU_GATES } from './graph';

const resetBehind: EmitOp<GruLayer> = {
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

/** Apart, so that networks pay for one of them only. */
const resetBefore: EmitOp<GruLayer> = {
  ...resetBehind,
  kernel: 'east_gru_reset_before',
  /** The state and the update gates as int16, the state and what is left of it after its reset as int8. */
  scratchBytes: ({ units }) => 6 * units,
};

export const gru: EmitOp<GruLayer> = {
  ...resetBehind,
  variant: (layer) => (layer.resetBefore === true ? resetBefore : undefined),
};
