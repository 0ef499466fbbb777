/** LSTM and GRU: their gates and weights in the order of our layers. */
import type { LayerConfig } from '../../ops/graph-ops';
import type { Shape } from '../../ops/shape';
import type { Factor, Value } from './layout';
import { dimsOf, factors, pinned } from './layout';
import { addStep } from './network';
import type { Handler, Operator } from './operator';
import { isConstantOf } from '../constant-of';
import { constantOf } from './operator';
import type { Tensor } from './tensor';

interface Kind {
  readonly type: 'lstm' | 'gru';
  /** Which gates of the file ours are, in their order. */
  readonly gates: readonly number[];
  readonly activations: readonly string[];
}

const LSTM: Kind = { type: 'lstm', gates: [0, 2, 3, 1], activations: ['Sigmoid', 'Tanh', 'Tanh'] };
const GRU: Kind = { type: 'gru', gates: [0, 1, 2], activations: ['Sigmoid', 'Tanh'] };

export const lstm: Handler = (operator) => recurrent(operator, LSTM);
export const gru: Handler = (operator) => recurrent(operator, GRU);

function recurrent(operator: Operator, kind: Kind): void {
  const { node } = operator;
  const direction = node.text('direction', 'forward');
  if (direction !== 'forward')
    node.fail(`runs ${JSON.stringify(direction.slice(0, 20))}; only forward is supported`);
  const functions = node.texts('activations');
  if (
    functions.length > 0 &&
    functions.some((name, i) => name.toLowerCase() !== kind.activations[i]?.toLowerCase())
  ) {
    node.fail(
      `has activations ${functions.slice(0, 3).join(', ')}; ${kind.activations.join(', ')} are supported`,
    );
  }
  if (node.has('clip')) node.fail('clips its states, which is not supported');
  if (node.int('input_forget', 0) !== 0)
    node.fail('couples its input and forget gates, which is not supported');
  if (node.int('layout', 0) !== 0)
    node.fail('has layout 1, which is not supported; export with layout 0');
  if (node.hasInput(7) && !isZero(constantOf(operator, 7, 'peepholes')))
    node.fail('has peepholes, which are not supported');
  for (const index of kind.type === 'lstm' ? [5, 6] : [5]) {
    if (node.hasInput(index) && !isZero(constantOf(operator, index, 'initial states'))) {
      node.fail('begins with states other than zero, which is not supported');
    }
  }
  const value = operator.value(0);
  const dims = dimsOf(value);
  const [time = 0] = dims;
  if (dims.length !== 3)
    node.fail(`reads a tensor of shape [${dims.join(', ')}], which is no sequence`);
  const [w, r] = [
    constantOf(operator, 1, 'weights'),
    constantOf(operator, 2, 'weights of its states'),
  ];
  const units = node.int('hidden_size', r.dims[2] ?? 0);
  const gates = kind.gates.length;
  const input = pinned(value, { width: 0, channels: 2 }, node);
  const channels = input.shape[2];
  if (!fits(w, [1, gates * units, channels]) || !fits(r, [1, gates * units, units])) {
    node.fail(
      `has weights of shapes [${w.dims.join(', ')}] and [${r.dims.join(', ')}] for ${units} units on ${channels} channels`,
    );
  }
  const rows = gates * units;
  const bias = node.hasInput(3) ? constantOf(operator, 3, 'biases') : undefined;
  if (bias && bias.values.length !== 2 * rows)
    node.fail(`has ${bias.values.length} biases; ${2 * rows} belong to ${units} units`);
  const weights = new Float32Array(rows * (channels + units));
  const biases = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const from = kind.gates[Math.floor(row / units)]! * units + (row % units);
    const start = row * (channels + units);
    for (let c = 0; c < channels; c++)
      weights[start + c] = w.values[from * channels + (input.channelOrder?.[c] ?? c)]!;
    for (let u = 0; u < units; u++) weights[start + channels + u] = r.values[from * units + u]!;
    biases[row] = bias?.values[from] ?? 0;
    biases[rows + row] = bias?.values[rows + from] ?? 0;
  }
  if (kind.type === 'lstm' && operator.isRead(2))
    node.fail('gives the state of its cells to others, which is not supported');
  const make = (returnSequences: boolean): Value => {
    const shape: Shape = [1, returnSequences ? time : 1, units];
    const resetBefore = kind.type === 'gru' && node.int('linear_before_reset', 0) === 0;
    const config: LayerConfig = resetBefore
      ? { type: 'gru', units, returnSequences, resetBefore }
      : { type: kind.type, units, returnSequences };
    const step = addStep({
      op: kind.type,
      inputs: [input.step],
      shape,
      node,
      emit: (network, inputs) =>
        network.layer(config, inputs, { weights: { weights, bias: biases } }),
    });
    const [steps, depth] = [returnSequences ? value.axes[0]! : [], factors(units)];
    const none: Factor[] = [];
    // [time, directions, batch, units], or without time.
    const axes = returnSequences ? [steps, none, none, depth] : [none, none, depth];
    return { step, axes, memory: [...steps, ...depth] };
  };
  const last = make(false);
  if (operator.isRead(1)) operator.give(last, 1);
  if (operator.isRead(0)) {
    const all = make(true);
    operator.give({ ...all, step: { ...all.step, lastOf: last.step } }, 0);
  }
}

function isZero(tensor: Tensor): boolean {
  return isConstantOf(tensor.values, 0);
}

function fits(tensor: Tensor, dims: readonly number[]): boolean {
  return tensor.dims.length === dims.length && dims.every((n, i) => n === tensor.dims[i]);
}
