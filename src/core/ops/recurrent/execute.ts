/** Integer arithmetic that recurrent layers share, by TFLite's rule for its LSTM of int8 with 16 bits inside. */
import type { FixedPointFactor } from '../../quant/fixed-point';
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf, weightsOf } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { ExecuteOp, SumScale } from '../execute-op';
import type { GateFunctions } from './gate-functions-execute';
import { clamp16, GATE_FUNCTIONS, tabulated } from './gate-functions-execute';
import type { RecurrentBase } from './sequence';
import { sequenceParts } from './sequence';

/** A step of what gates are computed of: 2^-12. */
const GATE_STEP = 2 ** -12;

/** Computes one step: reads what lies in front of it, changes the state. */
type RecurrentStep = (input: Int8Array, state: Int8Array) => void;

/** A kind of recurrent layer, whose steps `stepOf` makes of functions for its gates. */
export function recurrentOp<L extends RecurrentBase>(
  stepOf: (layer: L, model: QuantizedModel, functions: GateFunctions) => RecurrentStep,
): ExecuteOp<L> {
  return {
    quantization: 'own',
    scales: recurrentScales,
    check: checkState,
    run: (layer, model, [input]) =>
      runSteps(layer, model, input!, stepOf(layer, model, GATE_FUNCTIONS)),
    fast: (layer, model) => {
      const functions = tabulated();
      return ([input]) => runSteps(layer, model, input!, stepOf(layer, model, functions));
    },
  };
}

/** The states are the layer's output: both parts of the weights make sums of Q3. */
function recurrentScales(
  layer: RecurrentBase,
  tensors: QuantizedModel['tensors'],
): readonly SumScale[] {
  return [layer.inputs[0], layer.name].map((name) => ({
    input: tensorOf({ tensors }, name),
    output: GATE_STEP,
    float32: true,
  }));
}

/** From a product of so many fraction bits to a step of the layer's output. */
export function stateFactor(
  layer: RecurrentBase,
  model: QuantizedModel,
  bits: number,
): FixedPointFactor {
  const { scale } = tensorOf(model, layer.name);
  return quantizeMultiplier(Math.fround(2 ** -bits / scale));
}

/** Products of less than 2^31 are shifted to the left by nothing at a scale of 2^-30 or more. */
function checkState(layer: RecurrentBase, model: QuantizedModel): void {
  if (tensorOf(model, layer.name).scale < 2 ** -30) {
    throw new UserError(`Layer '${layer.name}': the scale of its output is below 2^-30.`);
  }
}

/** What a channel's weights make of codes, as Q3 and not yet clamped. */
export interface GateSums {
  input(channel: number, codes: Int8Array): number;
  state(channel: number, codes: Int8Array): number;
}

export function gateSums(layer: RecurrentBase, model: QuantizedModel): GateSums {
  const { weights, bias, multiplier, shift } = weightsOf(model, layer.name);
  const [inputs, states] = sequenceParts(layer);
  const channels = weights.length / (inputs + states);
  const zeroPoints = recurrentScales(layer, model.tensors).map(({ input }) => input.zeroPoint);
  const sumOf =
    (part: number, start: number, count: number) =>
    (channel: number, codes: Int8Array): number => {
      const row = channel * (inputs + states) + start;
      const at = part * channels + channel;
      const zeroPoint = zeroPoints[part]!;
      let sum = bias[at]!;
      for (let i = 0; i < count; i++) sum += weights[row + i]! * (codes[i]! - zeroPoint);
      return multiplyByQuantizedMultiplier(sum, multiplier[at]!, shift[at]!);
    };
  return { input: sumOf(0, 0, inputs), state: sumOf(1, inputs, states) };
}

/** Both sums of a channel, each clamped as it is added. */
export function gate(sums: GateSums, channel: number, input: Int8Array, state: Int8Array): number {
  return clamp16(clamp16(sums.input(channel, input)) + sums.state(channel, state));
}

/** Runs `step` over the sequence; it changes `state`, which begins as zeros and is put out behind it. */
function runSteps(
  layer: RecurrentBase,
  model: QuantizedModel,
  sequence: Int8Array,
  step: RecurrentStep,
): Int8Array {
  const { inputShape, units, returnSequences } = layer;
  const [, time, channels] = inputShape;
  const state = new Int8Array(units).fill(tensorOf(model, layer.name).zeroPoint);
  const output = new Int8Array((returnSequences ? time : 1) * units);
  for (let t = 0; t < time; t++) {
    step(sequence.subarray(t * channels, (t + 1) * channels), state);
    output.set(state, returnSequences ? t * units : 0);
  }
  return output;
}
