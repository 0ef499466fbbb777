/** Keras's layers that put values elsewhere. */
import { AXES } from '../../ops/concat/graph';
import { elements } from '../../ops/shape';
import type { Node, Value } from './call';

export function flatten(node: Node): Value {
  node.checkChannelsLast();
  return reshaped(node, [elements(node.input.shape)]);
}

export function reshape(node: Node): Value {
  const target = node.settings.numbers('target_shape');
  const count = elements(node.input.shape);
  const rest = target.filter((n) => n !== -1).reduce((product, n) => product * n, 1);
  const shape = target.map((n) => (n === -1 ? count / rest : n));
  if (elements(shape) !== count || shape.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    node.fail(`makes [${target.join(', ')}] of ${count} values`);
  }
  const wide = shape.filter((n) => n > 1);
  if (shape.length <= 3) return reshaped(node, shape);
  if (wide.length > 3) node.fail(`makes ${shape.length} dimensions; three are supported`);
  return reshaped(node, shape.slice(-3));
}

/** Values stay where they are. A layer is made of it where somebody reads them as an image of that shape. */
function reshaped(node: Node, shape: readonly number[]): Value {
  const { input } = node;
  return { layer: input.padding === undefined ? input.layer : node.plane().layer, shape };
}

export function permute(node: Node): Value {
  const { input, settings } = node;
  const order = settings.numbers('dims').map((n) => n - 1);
  const moved = order.filter((axis) => (input.shape[axis] ?? 1) > 1);
  const inOrder = moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
  if (!inOrder || order.length !== input.shape.length) {
    node.fail(
      `turns [${input.shape.join(', ')}] round, which is not supported. Give the network its input in the order that it needs`,
    );
  }
  return reshaped(
    node,
    order.map((axis) => input.shape[axis] ?? 1),
  );
}

export function concatenate(node: Node): Value {
  const { inputs, settings } = node;
  const [first] = inputs;
  if (first === undefined) return node.fail('reads nothing');
  const [axis = -1] = settings.numbers('axis', [-1]);
  const rank = first.shape.length;
  const at = axis < 0 ? axis + rank : axis - 1;
  if (inputs.some(({ shape }) => shape.length !== rank) || at < 0 || at >= rank) {
    node.fail(`joins tensors of different dimensions, or over axis ${axis}`);
  }
  const shape = first.shape.map((n, i) =>
    i === at ? inputs.reduce((sum, value) => sum + (value.shape[i] ?? 0), 0) : n,
  );
  const along = AXES[at + AXES.length - rank]!;
  return node.add({ type: 'concat', along }, shape, {
    inputs: inputs.map((value) => node.plane(value)),
  });
}
