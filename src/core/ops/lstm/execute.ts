/** Reference int8 UNIDIRECTIONAL_SEQUENCE_LSTM with an int16 cell: TFLite's 8x8_16, without clipping and peepholes. */
import {
  clamp,
  multiplyByQuantizedMultiplier,
  roundingDivideByPowerOfTwo,
} from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import type { ExecuteOp } from '../execute-op';
import { gate, gateSums, recurrentOp, stateFactor } from '../recurrent/execute';
import type { GateFunctions } from '../recurrent/gate-functions-execute';
import type { LstmLayer } from './graph';
import { cellRange } from './graph';

/** The output gate and tanh of the cell have 15 bits behind the point each. */
export const STATE_BITS = 30;

export const lstm: ExecuteOp<LstmLayer> = recurrentOp(step);

function step(
  layer: LstmLayer,
  model: QuantizedModel,
  { sigmoid, tanh }: GateFunctions,
): (input: Int8Array, state: Int8Array) => void {
  const { units, cellBits } = layer;
  const [least, most] = cellRange(layer);
  const sums = gateSums(layer, model);
  const { multiplier, shift } = stateFactor(layer, model, STATE_BITS);
  const { zeroPoint } = tensorOf(model, layer.name);
  const cell = new Int16Array(units);
  const output = new Int16Array(units);
  return (input, state) => {
    const gateOf = (number: number, unit: number): number =>
      gate(sums, number * units + unit, input, state);
    for (let u = 0; u < units; u++) {
      const [i, f] = [sigmoid(gateOf(0, u)), sigmoid(gateOf(1, u))];
      const g = tanh(gateOf(2, u), 3);
      output[u] = sigmoid(gateOf(3, u));
      const kept = roundingDivideByPowerOfTwo(f * cell[u]!, 15);
      const added = roundingDivideByPowerOfTwo(i * g, 15 + cellBits);
      cell[u] = clamp(kept + added, least, most);
    }
    for (let u = 0; u < units; u++) {
      const product = output[u]! * tanh(cell[u]!, cellBits);
      const scaled = multiplyByQuantizedMultiplier(product, multiplier, shift);
      state[u] = clamp(scaled + zeroPoint, -128, 127);
    }
  };
}
