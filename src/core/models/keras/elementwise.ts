/** Keras's layers that compute element by element, of one tensor or of several. */
import { OPERAND } from '../../ops/elementwise/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import { elements } from '../../ops/shape';
import type { Node, Value } from './call';
import { filled } from './call';

export function relu(node: Node): Value {
  const { settings, input } = node;
  const slope = settings.numbers('negative_slope', [0])[0] ?? 0;
  const most = settings.has('max_value') ? settings.numbers('max_value')[0] : undefined;
  if ((settings.numbers('threshold', [0])[0] ?? 0) !== 0) {
    node.fail('has a threshold other than 0, which is not supported');
  }
  if (slope !== 0) {
    if (most !== undefined) node.fail('has a slope and a largest value; only one is supported');
    return node.add({ type: 'leakyRelu', slope }, input.shape, { inputs: [node.plane()] });
  }
  if (most === undefined) return node.clamp(input, 'relu');
  if (most === 6) return node.clamp(input, 'relu6');
  return node.fail(`has the largest value ${most}; 6 and none are supported`);
}

export function leakyRelu(node: Node): Value {
  const { settings, input } = node;
  // Keras 2 calls it alpha.
  const key = settings.has('alpha') ? 'alpha' : 'negative_slope';
  const slope = settings.numbers(key, [0.3])[0] ?? 0.3;
  return node.add({ type: 'leakyRelu', slope }, input.shape, { inputs: [node.plane()] });
}

export function elu(node: Node): Value {
  const alpha = node.settings.numbers('alpha', [1])[0] ?? 1;
  if (alpha !== 1) node.fail(`has alpha ${alpha}; only 1 is supported`);
  return node.activated(node.input, 'elu');
}

export function prelu(node: Node): Value {
  const { settings, input, channels } = node;
  const shared = settings.has('shared_axes') ? settings.numbers('shared_axes') : [];
  const shape = input.shape.map((n, i) => (shared.includes(i + 1) ? 1 : n));
  if (elements(shape) !== channels || shape.at(-1) !== channels) {
    node.fail(
      `has slopes of [${shape.join(', ')}]; one for each channel is supported. Set shared_axes to all axes but the last`,
    );
  }
  const [alpha] = node.tensors({ alpha: shape });
  return node.add({ type: 'prelu', constant: 'channel' }, input.shape, {
    inputs: [node.plane()],
    constants: { operand: alpha!.values },
  });
}

export function softmax(node: Node): Value {
  const [axis = -1] = node.settings.numbers('axis', [-1]);
  if (axis !== -1 && axis !== node.input.shape.length) {
    node.fail(`is over axis ${axis}; only the last is supported`);
  }
  const logarithm = node.layer.className === 'LogSoftmax';
  return node.activated(node.input, logarithm ? 'log_softmax' : 'softmax');
}

/** Two at a time: the sum of three is the sum of two and one more. */
export function folded(node: Node, type: 'add' | 'mul' | 'sub'): Value {
  const [first, ...others] = node.inputs.map((value) => node.plane(value));
  if (first === undefined || others.length === 0) return node.fail('reads fewer than two tensors');
  return others.reduce((sum, other) => {
    const shape = elements(other.shape) > elements(sum.shape) ? other.shape : sum.shape;
    return node.add({ type }, shape, { inputs: [sum, other] });
  }, first);
}

export function average(node: Node): Value {
  const sum = folded(node, 'add');
  return node.add({ type: 'mul', constant: 'scalar' }, sum.shape, {
    inputs: [sum],
    constants: { operand: filled(1, 1 / node.inputs.length) },
    wanted: `${node.layer.name}_mean`,
  });
}

export type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

/** `x + 1` and its like: a tensor and a number, in whatever order. */
export function withNumber(node: Node, arithmetic: Arithmetic): Value {
  const [constant, ...others] = node.constants;
  const number = constant?.number;
  if (number === undefined || others.length > 0) {
    return node.fail(
      'computes with constants; one number is supported, Rescaling has one for each channel',
    );
  }
  const first = constant?.at === 0;
  switch (arithmetic) {
    case 'add':
    case 'mul':
      return constantLayer(node, { type: arithmetic, constant: 'scalar' }, number);
    case 'sub':
      return first
        ? constantLayer(node, { type: 'sub', constant: 'scalar', reversed: true }, number)
        : constantLayer(node, { type: 'add', constant: 'scalar' }, -number);
    case 'div':
      if (first) return division(node);
      return constantLayer(node, { type: 'mul', constant: 'scalar' }, 1 / number);
  }
}

export function negative(node: Node): Value {
  return constantLayer(node, { type: 'mul', constant: 'scalar' }, -1);
}

/** By a tensor. */
export function division(node: Node): never {
  return node.fail(
    'divides by what the network computes, which is not supported. Divide by a number',
  );
}

function constantLayer(node: Node, config: LayerConfig, number: number): Value {
  return node.add(config, node.input.shape, {
    inputs: [node.plane()],
    constants: { [OPERAND]: Float32Array.of(number) },
  });
}
