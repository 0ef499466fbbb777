/** Keras's LSTM and GRU. */
import type { Node, Value } from './call';
import { transposed } from './call';
import { functionName } from './settings';

export function lstm(node: Node): Value {
  return recurrent(node, 'lstm', 4, (units) => ({ bias: [4 * units] }));
}

/** With its state reset behind its weights, which have biases of their own then. */
export function gru(node: Node): Value {
  if (!node.settings.flag('reset_after', true)) {
    node.fail('has reset_after=False; only True, the default of Keras, is supported');
  }
  return recurrent(node, 'gru', 3, (units) => ({ bias: [2, 3 * units] }));
}

/** Gates lie in the order that our layers have them in. */
function recurrent(
  node: Node,
  type: 'lstm' | 'gru',
  gates: number,
  biasShape: (units: number) => { readonly bias: readonly number[] },
): Value {
  const { settings, input, channels } = node;
  if (input.shape.length !== 2) node.fail('needs a sequence of vectors: two dimensions');
  const units = settings.size('units');
  const functions = [
    ['activation', 'tanh'],
    ['recurrent_activation', 'sigmoid'],
  ] as const;
  for (const [key, wanted] of functions) {
    const name = settings.has(key) ? functionName(settings.any(key)) : wanted;
    if (name !== wanted) node.fail(`has the ${key} "${name}"; "${wanted}" is supported`);
  }
  for (const key of ['go_backwards', 'stateful', 'return_state'] as const) {
    if (settings.flag(key, false)) node.fail(`has ${key}=True, which is not supported`);
  }
  const rows = gates * units;
  const [kernel, states, bias] = node.tensors(
    {
      kernel: [channels, rows],
      recurrent_kernel: [units, rows],
      ...(node.hasBias ? biasShape(units) : {}),
    },
    'cell',
  );
  const weights = new Float32Array(rows * (channels + units));
  const parts = [transposed(kernel!.values, rows), transposed(states!.values, rows)] as const;
  for (let row = 0; row < rows; row++) {
    const start = row * (channels + units);
    weights.set(parts[0].subarray(row * channels, (row + 1) * channels), start);
    weights.set(parts[1].subarray(row * units, (row + 1) * units), start + channels);
  }
  // Biases of the input's weights, then those of the state's.
  const biases = new Float32Array(2 * rows);
  if (bias !== undefined) biases.set(bias.values);
  const returnSequences = settings.flag('return_sequences', false);
  const shape = returnSequences ? [input.shape[0] ?? 1, units] : [units];
  return node.add({ type, units, returnSequences }, shape, {
    inputs: [node.plane()],
    weights: { weights, bias: biases },
  });
}
