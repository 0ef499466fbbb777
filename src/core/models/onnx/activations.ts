/** Activations, each an operator of its own. */
import type { LayerConfig } from '../../ops/graph-ops';
import type { Shape } from '../../ops/shape';
import { defined } from '../../util/defined';
import { withConstant } from './constant-operand';
import { axisOf, clipLimits } from './fold';
import { dimsOf, operand, withGroups } from './layout';
import type { Emitter, Step } from './network';
import { addStep, plain } from './network';
import type { NodeReader } from './node';
import type { Handler, Operator } from './operator';
import { constantOf, sameLayout, sameValues } from './operator';

function unary(op: string, config: LayerConfig): Handler {
  return (operator) =>
    sameLayout(operator, operator.value(0), { op, elementwise: true }, plain(config));
}

export const relu: Handler = (operator) => clampTo(operator, 0, Infinity);

export const clip: Handler = (operator) => {
  const [low, high] = clipLimits(operator.node);
  clampTo(operator, low, high);
};

function clampTo(operator: Operator, low: number, high: number): void {
  const value = operator.value(0);
  const { node } = operator;
  if (low === -Infinity && high === Infinity) return operator.give(value);
  if (!(low < high)) node.fail(`clips to ${low} … ${high}, which leaves nothing`);
  operator.give({ ...value, step: clamped(value.step, low, high, node) });
}

/** min(max(x, low), high), of relu and relu6 and what moves and scales values to their range. */
function clamped(step: Step, low: number, high: number, node: NodeReader): Step {
  const here = { inputs: [step], shape: step.shape, node, elementwise: true };
  if (low === 0 && (high === Infinity || high === 6)) {
    const clamp = high === 6 ? 'relu6' : 'relu';
    return addStep({
      ...here,
      op: 'clamp',
      numbers: [low, high],
      emit: (network, [input]) => network.clamp(clamp, input!),
    });
  }
  const bound = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
  return addStep({
    ...here,
    op: 'clamp',
    numbers: [low, high],
    emit: plain({ type: 'clip', ...defined({ min: bound(low), max: bound(high) }) }),
  });
}

export const leakyRelu: Handler = (operator) => {
  const slope = operator.node.float('alpha', 0.01);
  sameLayout(
    operator,
    operator.value(0),
    { op: 'leakyRelu', elementwise: true },
    plain({ type: 'leakyRelu', slope }),
  );
};

export const prelu: Handler = (operator) => {
  const { node } = operator;
  const slopes = constantOf(operator, 1, 'slopes');
  const { value, groups } = withGroups(operator.value(0), node);
  const { values, shape } = operand(value, groups, slopes, node);
  operator.give({ ...value, step: preluStep(value.step, { values, shape }, node) });
};

export function preluStep(
  step: Step,
  { values, shape }: { values: Float32Array; shape: Shape },
  node: NodeReader,
): Step {
  const channels = step.shape[2];
  if (values.length === 1 && values[0]! >= 0 && values[0]! <= 1) {
    const slope = values[0]!;
    return addStep({
      op: 'leakyRelu',
      inputs: [step],
      shape: step.shape,
      node,
      elementwise: true,
      emit: plain({ type: 'leakyRelu', slope }),
    });
  }
  if (shape[0] !== 1 || shape[1] !== 1)
    node.fail('has a slope for each pixel; one for each channel is supported');
  let slopes = values.length === channels ? values : sameValues([1, 1, channels], values[0]!);
  return addStep({
    op: 'prelu',
    inputs: [step],
    shape: step.shape,
    node,
    operand: { shape: [1, 1, channels], values: slopes },
    elementwise: true,
    reorder: (order) => (slopes = Float32Array.from(order, (c) => slopes[c]!)),
    emit: (network, inputs) =>
      network.layer({ type: 'prelu', constant: 'channel' }, inputs, {
        constants: { operand: slopes },
      }),
  });
}

export const hardSigmoid: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
  const moved = withConstant(withConstant(value.step, 'mul', alpha, node), 'add', beta, node);
  const whole = clamped(moved, 0, 1, node);
  operator.give({
    ...value,
    step: { ...whole, op: 'hardSigmoid' },
  });
};

export const hardSwish: Handler = (operator) => {
  const value = operator.value(0);
  operator.give({ ...value, step: hardSwishStep(value.step, operator.node) });
};

export function hardSwishStep(x: Step, node: NodeReader): Step {
  return addStep({
    op: 'hardSwish',
    inputs: [x],
    shape: x.shape,
    node,
    elementwise: true,
    emit: plain({ type: 'hardSwish' }),
  });
}

export const sigmoid = unary('sigmoid', { type: 'sigmoid' });

export const tanh = unary('tanh', { type: 'tanh' });

export const elu: Handler = (operator) => {
  const alpha = operator.node.float('alpha', 1);
  if (alpha !== 1) operator.node.fail(`has alpha ${alpha}; 1 is supported`);
  sameLayout(operator, operator.value(0), { op: 'elu', elementwise: true }, plain({ type: 'elu' }));
};

export const softmax: Handler = (operator) =>
  overChannels(operator, 'softmax', plain({ type: 'softmax' }));

/** The network's end, if anything: the builder leaves it out there. */
export const logSoftmax: Handler = (operator) =>
  overChannels(operator, 'logSoftmax', (network, [input]) => network.logSoftmax(input!));

function overChannels(
  operator: Operator,
  op: string,
  emit: (network: Emitter, inputs: readonly string[]) => string,
): void {
  const { node } = operator;
  const { value, groups } = withGroups(operator.value(0), node);
  const axis = axisOf(node.int('axis', node.opset < 13 ? 1 : -1), value.axes.length, node);
  const factors = node.opset < 13 ? value.axes.slice(axis).flat() : value.axes[axis]!;
  const channels = new Set(groups[2]);
  if (factors.length !== channels.size || !factors.every((factor) => channels.has(factor))) {
    node.failLayout(
      `computes softmax over axis ${axis} of [${dimsOf(value).join(', ')}]; over the channels is supported`,
    );
  }
  sameLayout(operator, value, { op }, emit);
}
