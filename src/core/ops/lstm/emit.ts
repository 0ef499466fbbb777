import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import { stateFactor } from '../recurrent/execute';
import { STATE_BITS } from './execute';
import type { LstmLayer } from './graph';
import { cellRange, LSTM_GATES } from './graph';

export const lstm: EmitOp<LstmLayer> = {
  kernel: 'east_lstm',
  header: 'east_recurrent',
  uses: ['east_recurrent'],
  params: {
    struct: 'east_recurrent_params',
    values: (layer, { model, scratch }) => {
      const { multiplier, shift } = stateFactor(layer, model, STATE_BITS);
      const [, time, channels] = layer.inputShape;
      return braces(
        ...[scratch, multiplier, time, channels, layer.units, ...cellRange(layer)],
        ...[shift, layer.cellBits, layer.returnSequences ? 1 : 0],
      );
    },
  },
  output: 'apart',
  /** The cell and the gates of a step as int16, the state as int8. */
  scratchBytes: ({ units }) => (2 + 2 * LSTM_GATES + 1) * units,
  dimensions: ({ inputShape, units }) => [inputShape[1], inputShape[2], LSTM_GATES * units],
  foldsZeroPoint: true,
};
