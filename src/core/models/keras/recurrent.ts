/** Keras's LSTM and GRU. */
import type { GruConfig } from '../../ops/gru/graph';
import type { LstmConfig } from '../../ops/lstm/graph';
import type { Node, Value } from './call';
import { transposed } from './call';
import { functionName } from './settings';

export function lstm(node: Node): Value {
  return recurrent(node, { type: 'lstm' }, 4, (units) => ({ bias: [4 * units] }));
}

/** Where its state is reset behind its weights, these have biases of their own. */
export function gru(node: Node): Value {
  return node.settings.flag('reset_after', true)
    ? recurrent(node, { type: 'gru' }, 3, (units) => ({ bias: [2, 3 * units] }))
    : recurrent(node, { type: 'gru', resetBefore: true }, 3, (units) => ({ bias: [3 * units] }));
}

/** Gates lie in the order that our layers have them in. */
function recurrent(
  node: Node,
  config: LstmConfig | GruConfig,
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
  return node.add({ ...config, units, returnSequences }, shape, {
    inputs: [node.plane()],
    weights: { weights, bias: biases },
  });
}
