/**
 * A GRU in the manner of TFLite's int8 LSTM, which TFLite itself does not have: gates of 16 bits with 12 behind the point, and a
 * state of 16 bits with 15 of them, whose int8 codes are what the weights meet and what is put out.
 */
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
import { clamp16 } from '../recurrent/gate-functions-execute';
import type { GruLayer } from './graph';

export const STATE_BITS = 15;
const ONE = 2 ** STATE_BITS;

export const gru: ExecuteOp<GruLayer> = recurrentOp((layer, model, functions) =>
  (layer.resetBefore === true ? stepResetBefore : step)(layer, model, functions),
);

/** The int8 code of a state of 16 bits. */
function stateCode(layer: GruLayer, model: QuantizedModel): (state: number) => number {
  const { multiplier, shift } = stateFactor(layer, model, STATE_BITS);
  const { zeroPoint } = tensorOf(model, layer.name);
  return (state) =>
    clamp(multiplyByQuantizedMultiplier(state, multiplier, shift) + zeroPoint, -128, 127);
}

function step(
  layer: GruLayer,
  model: QuantizedModel,
  { sigmoid, tanh }: GateFunctions,
): (input: Int8Array, state: Int8Array) => void {
  const { units } = layer;
  const sums = gateSums(layer, model);
  const code = stateCode(layer, model);
  const hidden = new Int16Array(units);
  return (input, state) => {
    for (let u = 0; u < units; u++) {
      const z = sigmoid(gate(sums, u, input, state));
      const r = sigmoid(gate(sums, units + u, input, state));
      const ofState = clamp16(sums.state(2 * units + u, state));
      const reset = roundingDivideByPowerOfTwo(r * ofState, STATE_BITS);
      const n = tanh(clamp16(clamp16(sums.input(2 * units + u, input)) + reset), 3);
      const mixed = (ONE - z) * n + z * hidden[u]!;
      hidden[u] = clamp16(roundingDivideByPowerOfTwo(mixed, STATE_BITS));
    }
    for (let u = 0; u < units; u++) state[u] = code(hidden[u]!);
  };
}

/** What is left of the state after its reset is rounded to the state's codes, which the weights meet. */
function stepResetBefore(
  layer: GruLayer,
  model: QuantizedModel,
  { sigmoid, tanh }: GateFunctions,
): (input: Int8Array, state: Int8Array) => void {
  const { units } = layer;
  const sums = gateSums(layer, model);
  const code = stateCode(layer, model);
  const hidden = new Int16Array(units);
  const left = new Int8Array(units);
  return (input, state) => {
    const updates = hidden.map((_, u) => sigmoid(gate(sums, u, input, state)));
    for (let u = 0; u < units; u++) {
      const r = sigmoid(gate(sums, units + u, input, state));
      left[u] = code(roundingDivideByPowerOfTwo(r * hidden[u]!, STATE_BITS));
    }
    for (let u = 0; u < units; u++) {
      const z = updates[u]!;
      const n = tanh(gate(sums, 2 * units + u, input, left), 3);
      const mixed = (ONE - z) * n + z * hidden[u]!;
      hidden[u] = clamp16(roundingDivideByPowerOfTwo(mixed, STATE_BITS));
    }
    for (let u = 0; u < units; u++) state[u] = code(hidden[u]!);
  };
}
