/** Operators that compute element by element, and what networks spell out with them. */
import type { Shape } from '../../ops/shape';
import { elements, sameShape } from '../../ops/shape';
import { UserError } from '../../util/errors';
import { axisOf, clipLimits } from './fold';
import type { Factor, Value } from './layout';
import { aligned, dimsOf, liesAs, operand, withGroups } from './layout';
import type { Emitter, SaidLayer, Step } from './network';
import { addStep } from './network';
import type { NodeReader } from './node';
import type { Handler, Operator } from './operator';
import { constantOf, isConstantOf, sameLayout, sameValues } from './operator';
import type { Tensor } from './tensor';
import { ownedBy, scaled } from './weighted';

/** A layer of this config on one input. */
export function plain(config: SaidLayer): (network: Emitter, inputs: readonly string[]) => string {
  return (network, inputs) => network.kind(config, inputs);
}

function unary(op: string, config: SaidLayer): Handler {
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
  const bounds = { min: low, max: high };
  return addStep({
    ...here,
    op: 'clamp',
    numbers: [low, high],
    emit: plain({
      type: 'clip',
      ...Object.fromEntries(Object.entries(bounds).filter(([, bound]) => Number.isFinite(bound))),
    }),
  });
}

type Arithmetic = 'add' | 'mul';

/** A step behind this one that adds or multiplies with a number. */
function withConstant(step: Step, kind: Arithmetic, number: number, node: NodeReader): Step {
  return arithmetic(step, kind, { shape: [1, 1, 1], values: Float32Array.of(number) }, node);
}

/** x + c or x · c: nothing where it changes nothing, part of a layer's weights where it can be. */
function arithmetic(
  step: Step,
  kind: Arithmetic,
  constant: { shape: Shape; values: Float32Array },
  node: NodeReader,
): Step {
  const { shape, values } = constant;
  if (isConstantOf(values, kind === 'add' ? 0 : 1)) return step;
  const channels = step.shape[2];
  const perChannel = shape[0] === 1 && shape[1] === 1 && (shape[2] === 1 || shape[2] === channels);
  if (ownedBy(step) !== undefined && !step.shared && perChannel) {
    const each = shape[2] === 1 ? sameValues([1, 1, channels], values[0]!) : values;
    return kind === 'add' ? scaled(step, undefined, each) : scaled(step, each, undefined);
  }
  let owned = constant;
  return addStep({
    op: kind,
    inputs: [step],
    shape: step.shape,
    node,
    operand: constant,
    elementwise: true,
    ...(perChannel
      ? {
          reorder: (order: readonly number[]) => {
            if (owned.shape[2] > 1)
              owned = { ...owned, values: Float32Array.from(order, (c) => owned.values[c]!) };
          },
        }
      : {}),
    emit: (network, inputs) => {
      const scalar = elements(owned.shape) === 1;
      const full = !scalar && !perChannel;
      return network.kind(
        { type: kind, constant: scalar ? 'scalar' : full ? 'full' : 'channel' },
        inputs,
        { constants: { operand: full ? repeated(owned, step.shape) : owned.values } },
      );
    },
  });
}

/** A constant written out over the whole of a shape. */
function repeated(
  { shape, values }: { shape: Shape; values: Float32Array },
  all: Shape,
): Float32Array {
  const [h, w, c] = shape;
  const [, width, channels] = all;
  return Float32Array.from({ length: elements(all) }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return values[((h === 1 ? 0 : y) * w + (w === 1 ? 0 : x)) * c + (c === 1 ? 0 : i % channels)]!;
  });
}

/** Add, Sub, Mul, Div with a constant on either side. */
function withTensor(
  operator: Operator,
  kind: 'Add' | 'Sub' | 'Mul' | 'Div',
  constantFirst: boolean,
): void {
  const { node } = operator;
  const given = operator.value(constantFirst ? 1 : 0);
  const tensor = constantOf(operator, constantFirst ? 0 : 1, 'an operand');
  const { value, groups } = withGroups(raised(given, tensor), node);
  const constant = operand(value, groups, tensor, node);
  const found = spelledOut(value.step, kind, constantFirst, constant, node);
  if (found !== undefined) return operator.give({ ...value, step: found });
  const { step } = value;
  const change = (of: (v: number) => number): { shape: Shape; values: Float32Array } => ({
    ...constant,
    values: constant.values.map(of),
  });
  if (kind === 'Div' && constantFirst)
    node.fail('divides a constant by what the network computes, which is not supported');
  if (kind === 'Add')
    return operator.give({ ...value, step: arithmetic(step, 'add', constant, node) });
  if (kind === 'Mul')
    return operator.give({ ...value, step: arithmetic(step, 'mul', constant, node) });
  if (kind === 'Div')
    return operator.give({
      ...value,
      step: arithmetic(
        step,
        'mul',
        change((v) => 1 / v),
        node,
      ),
    });
  if (!constantFirst)
    return operator.give({
      ...value,
      step: arithmetic(
        step,
        'add',
        change((v) => -v),
        node,
      ),
    });
  operator.give({
    ...value,
    step: arithmetic(withConstant(step, 'mul', -1, node), 'add', constant, node),
  });
}

/** A constant of more dimensions gives the tensor as many. */
function raised(value: Value, tensor: Tensor): Value {
  const missing = tensor.dims.length - value.axes.length;
  return missing <= 0
    ? value
    : { ...value, axes: [...Array.from({ length: missing }, (): Factor[] => []), ...value.axes] };
}

export function binary(kind: 'Add' | 'Sub' | 'Mul' | 'Div'): Handler {
  return (operator) => {
    const { node } = operator;
    if (operator.isConstant(0)) return withTensor(operator, kind, true);
    if (operator.isConstant(1)) return withTensor(operator, kind, false);
    const [x, y] = [operator.value(0), operator.value(1)];
    const norm = kind === 'Div' ? normalised(x.step, y.step, node) : undefined;
    if (norm !== undefined) return operator.give({ ...x, step: norm });
    const steep =
      kind === 'Add' ? (preluOf(x.step, y.step, node) ?? preluOf(y.step, x.step, node)) : undefined;
    if (steep !== undefined) return operator.give({ ...x, step: steep });
    const swish =
      kind === 'Mul'
        ? (hardSwishOf(x.step, y.step, node) ?? hardSwishOf(y.step, x.step, node))
        : undefined;
    if (swish !== undefined) return operator.give({ ...x, step: swish });
    combine(operator, kind, x, y);
  };
}

function combine(
  operator: Operator,
  kind: 'Add' | 'Sub' | 'Mul' | 'Div',
  x: Value,
  y: Value,
): void {
  const { node } = operator;
  const both = aligned(x, y, node);
  // The larger one says how they lie; the other one may be repeated over it.
  const swapped = elements(dimsOf(both.a)) < elements(dimsOf(both.b));
  const [large, small] = swapped ? [both.b, both.a] : [both.a, both.b];
  const lies = liesAs(small, large.memory) ?? undefined;
  const turned =
    lies === undefined && large.memory.length === small.memory.length
      ? liesAs(large, small.memory)
      : undefined;
  const [a, b] =
    lies !== undefined
      ? [large, lies]
      : turned !== undefined
        ? [turned, small]
        : [large, undefined];
  if (b === undefined) {
    return node.failLayout(
      `combines tensors of shapes [${dimsOf(x).join(', ')}] and [${dimsOf(y).join(', ')}] that lie in memory in different orders; leave transposes out of the network`,
    );
  }
  const { value, groups } = withGroups(a, node);
  const shape = value.step.shape;
  const own = new Set(b.memory);
  const covers = groups.map((group) =>
    group.every((factor) => own.has(factor)) ? 1 : group.some((factor) => own.has(factor)) ? -1 : 0,
  );
  if (covers.includes(-1))
    node.failLayout('repeats a tensor along a part of an axis, which is not supported');
  const its: Shape = [covers[0] ? shape[0] : 1, covers[1] ? shape[1] : 1, covers[2] ? shape[2] : 1];
  const second = withShape(b, its, node);
  if (kind === 'Div') {
    return operator.give({
      ...value,
      step: unsupportedStep(
        'Div',
        [value.step, second],
        shape,
        node,
        'divides by what the network computes, which is not supported',
      ),
    });
  }
  const first = value.step;
  const same = first === second;
  if (same && kind === 'Add')
    return operator.give({ ...value, step: withConstant(first, 'mul', 2, node) });
  const inputs = swapped ? [second, first] : [first, second];
  const type = kind === 'Add' ? 'add' : kind === 'Mul' ? 'mul' : 'sub';
  const step = addStep({
    op: kind === 'Add' ? 'sum' : type === 'mul' ? 'product' : 'difference',
    inputs,
    shape,
    node,
    emit: plain({ type }),
  });
  operator.give({ ...value, step });
}

function withShape(value: Value, shape: Shape, node: NodeReader): Step {
  const { step } = value;
  if (sameShape(step.shape, shape)) return step;
  return addStep({
    op: 'reshape',
    inputs: [step],
    shape,
    node,
    reshapeOf: step,
    emit: plain({ type: 'reshape', size: [shape[0], shape[1]] }),
  });
}

/** Fine as long as what it is a part of is known as a whole. */
export function unsupportedStep(
  op: string,
  inputs: readonly Step[],
  shape: Shape,
  node: NodeReader,
  message: string,
  numbers?: readonly number[],
): Step {
  return addStep({
    op,
    inputs,
    shape,
    node,
    numbers,
    emit: () => {
      throw new UserError(`${node.where} ${message}.`);
    },
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

function preluStep(
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
      network.kind({ type: 'prelu', constant: 'channel' }, inputs, {
        constants: { operand: slopes },
      }),
  });
}

/** relu(x) − α·relu(−x), as TensorFlow spells PReLU out. */
function preluOf(positive: Step, negative: Step, node: NodeReader): Step | undefined {
  const [x] = positive.inputs;
  if (
    !isClamp(positive, 0, Infinity) ||
    negative.op !== 'mul' ||
    negative.operand === undefined ||
    x === undefined
  )
    return undefined;
  const [cut] = negative.inputs;
  if (cut === undefined || !isClamp(cut, 0, Infinity)) return undefined;
  const [turned] = cut.inputs;
  if (
    turned?.op !== 'mul' ||
    turned.inputs[0] !== x ||
    !isConstantOf(turned.operand?.values ?? [0], -1)
  )
    return undefined;
  const { shape, values } = negative.operand;
  return preluStep(x, { shape, values: values.map((v) => -v) }, node);
}

function isClamp(step: Step, low: number, high: number): boolean {
  return step.op === 'clamp' && step.numbers?.[0] === low && step.numbers[1] === high;
}

/** x where `step` is relu6(x + 3), times `factor`. */
function shiftedRelu6(step: Step): Step | undefined {
  if (!isClamp(step, 0, 6)) return undefined;
  const [sum] = step.inputs;
  return sum?.op === 'add' && isConstantOf(sum.operand?.values ?? [0], 3)
    ? sum.inputs[0]
    : undefined;
}

function isSixth(step: Step): Step | undefined {
  return step.op === 'mul' && isConstantOf(step.operand?.values ?? [0], 1 / 6)
    ? step.inputs[0]
    : undefined;
}

/** x · hardSigmoid(x), whichever way the second is spelled. */
function hardSwishOf(x: Step, gate: Step, node: NodeReader): Step | undefined {
  const inner = isSixth(gate);
  const whole =
    gate.op === 'hardSigmoid' && isHardSwishGate(gate) ? gate.gateOf : inner && shiftedRelu6(inner);
  if (whole === x) return hardSwishStep(x, node);
  // x/6 · relu6(x + 3)
  const sixth = isSixth(x);
  return sixth !== undefined && shiftedRelu6(gate) === sixth
    ? hardSwishStep(sixth, node)
    : undefined;
}

function isHardSwishGate({ numbers = [] }: Step): boolean {
  return Math.abs(numbers[0]! - 1 / 6) < 1e-6 && Math.abs(numbers[1]! - 0.5) < 1e-6;
}

function hardSwishStep(x: Step, node: NodeReader): Step {
  return addStep({
    op: 'hardSwish',
    inputs: [x],
    shape: x.shape,
    node,
    elementwise: true,
    emit: plain({ type: 'hardSwish' }),
  });
}

/** What x with a constant makes of steps before it: x·relu6(x + 3) with /6 behind it, scale and shift of a layer norm. */
function spelledOut(
  step: Step,
  kind: 'Add' | 'Sub' | 'Mul' | 'Div',
  constantFirst: boolean,
  { values, shape }: { values: Float32Array; shape: Shape },
  node: NodeReader,
): Step | undefined {
  const sixth =
    kind === 'Div'
      ? !constantFirst && isConstantOf(values, 6)
      : kind === 'Mul' && isConstantOf(values, 1 / 6);
  if (sixth && step.op === 'product') {
    const [a, b] = step.inputs as [Step, Step];
    if (shiftedRelu6(b) === a) return hardSwishStep(a, node);
    if (shiftedRelu6(a) === b) return hardSwishStep(b, node);
  }
  const channels = step.shape[2];
  const perChannel = shape[0] === 1 && shape[1] === 1;
  if (step.op !== 'layerNorm' || step.shared || !perChannel) return undefined;
  const norm = NORMS.get(step)!;
  const each = values.length === channels ? values : sameValues([1, 1, channels], values[0]!);
  if (kind === 'Mul')
    return layerNormStep(
      norm.x,
      {
        ...norm,
        gamma: norm.gamma.map((v, c) => v * each[c]!),
        beta: norm.beta.map((v, c) => v * each[c]!),
      },
      node,
    );
  if (kind === 'Add')
    return layerNormStep(norm.x, { ...norm, beta: norm.beta.map((v, c) => v + each[c]!) }, node);
  return undefined;
}

export interface LayerNorm {
  readonly x: Step;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly epsilon: number;
}

const NORMS = new WeakMap<Step, LayerNorm>();

/** (x − mean) / √(variance + ε) over the channels, scaled and shifted. */
export function layerNormStep(x: Step, values: Omit<LayerNorm, 'x'>, node: NodeReader): Step {
  const norm = { ...values, x };
  const step = addStep({
    op: 'layerNorm',
    inputs: [x],
    shape: x.shape,
    node,
    emit: (network, inputs) => network.layerNorm(inputs, norm),
  });
  NORMS.set(step, norm);
  return step;
}

/** Layer normalisation spelled out: d / √(mean(d²) + ε), where d is x − mean(x). */
function normalised(d: Step, root: Step, node: NodeReader): Step | undefined {
  const [x, mean] = d.inputs;
  if (
    d.op !== 'difference' ||
    mean?.op !== 'channelMean' ||
    mean.inputs[0] !== x ||
    x === undefined
  )
    return undefined;
  const [sum] = root.inputs;
  if (root.op !== 'Sqrt' || sum?.op !== 'add' || sum.operand?.values.length !== 1) return undefined;
  const [variance] = sum.inputs;
  const [square] = variance?.inputs ?? [];
  if (variance?.op !== 'channelMean' || square === undefined) return undefined;
  const isSquare =
    (square.op === 'Pow' && square.numbers?.[0] === 2 && square.inputs[0] === d) ||
    (square.op === 'product' && square.inputs.every((input) => input === d));
  if (!isSquare) return undefined;
  const channels = x.shape[2];
  return layerNormStep(
    x,
    {
      gamma: sameValues([1, 1, channels], 1),
      beta: new Float32Array(channels),
      epsilon: sum.operand.values[0]!,
    },
    node,
  );
}

export const pow: Handler = (operator) => {
  const { node } = operator;
  const exponent = constantOf(operator, 1, 'exponents');
  const value = operator.value(0);
  const power = exponent.values[0] ?? 1;
  if (exponent.values.length !== 1) node.fail('has more than one exponent, which is not supported');
  if (power === 1) return operator.give(value);
  const { step } = value;
  operator.give({
    ...value,
    step: unsupportedStep(
      'Pow',
      [step],
      step.shape,
      node,
      `takes the power ${power} of what the network computes; outside of a layer normalisation that is not supported`,
      [power],
    ),
  });
};

export const sqrt: Handler = (operator) => {
  const value = operator.value(0);
  const { step } = value;
  operator.give({
    ...value,
    step: unsupportedStep(
      'Sqrt',
      [step],
      step.shape,
      operator.node,
      'takes the root of what the network computes; outside of a layer normalisation that is not supported',
    ),
  });
};

export const neg: Handler = (operator) => {
  const value = operator.value(0);
  operator.give({ ...value, step: withConstant(value.step, 'mul', -1, operator.node) });
};

export const hardSigmoid: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
  const moved = withConstant(withConstant(value.step, 'mul', alpha, node), 'add', beta, node);
  const whole = clamped(moved, 0, 1, node);
  operator.give({
    ...value,
    step: { ...whole, op: 'hardSigmoid', numbers: [alpha, beta], gateOf: value.step },
  });
};

export const hardSwish: Handler = (operator) => {
  const value = operator.value(0);
  operator.give({ ...value, step: hardSwishStep(value.step, operator.node) });
};

export const sigmoid = unary('sigmoid', { type: 'sigmoid' });
export const tanh = unary('tanh', { type: 'tanh' });

export const elu: Handler = (operator) => {
  const alpha = operator.node.float('alpha', 1);
  if (alpha !== 1) operator.node.fail(`has alpha ${alpha}; 1 is supported`);
  sameLayout(operator, operator.value(0), { op: 'elu', elementwise: true }, plain({ type: 'elu' }));
};

export const softmax: Handler = (operator) => {
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
  sameLayout(operator, value, { op: 'softmax' }, plain({ type: 'softmax' }));
};

export const batchNormalization: Handler = (operator) => {
  const { node } = operator;
  const { value, groups } = withGroups(operator.value(0), node);
  const channels = value.step.shape[2];
  const rank = value.axes.length;
  const names = ['scale', 'bias', 'mean', 'variance'];
  const lists = names.map((what, i) => {
    const tensor = constantOf(operator, i + 1, what);
    const dims = [tensor.values.length, ...new Array<number>(Math.max(0, rank - 2)).fill(1)];
    const { shape, values } = operand(value, groups, { ...tensor, dims }, node);
    if (shape[0] !== 1 || shape[1] !== 1)
      node.failLayout('normalises channels that do not lie innermost in memory');
    return values.length === channels ? values : sameValues([1, 1, channels], values[0]!);
  });
  const owned: [Float32Array, Float32Array, Float32Array, Float32Array] = [
    lists[0]!,
    lists[1]!,
    lists[2]!,
    lists[3]!,
  ];
  sameLayout(
    operator,
    value,
    {
      op: 'batchNorm',
      elementwise: true,
      reorder: (order) =>
        owned.forEach((list, i) => (owned[i] = Float32Array.from(order, (c) => list[c]!))),
    },
    (network, [input]) => {
      const [gamma, beta, mean, variance] = owned;
      return network.batchNorm(input!, {
        gamma,
        beta,
        mean,
        variance,
        epsilon: node.float('epsilon', 1e-5),
      });
    },
  );
};

export const layerNormalization: Handler = (operator) => {
  const { node } = operator;
  const { value, groups } = withGroups(operator.value(0), node);
  const axis = axisOf(node.int('axis', -1), value.axes.length, node);
  const factors = value.axes.slice(axis).flat();
  const channels = groups[2]!;
  if (factors.length !== channels.length || !factors.every((factor, i) => factor === channels[i])) {
    node.failLayout(
      `normalises axis ${axis} of [${dimsOf(value).join(', ')}]; the channels alone are supported`,
    );
  }
  const count = value.step.shape[2];
  const list = (index: number, what: string, otherwise: number): Float32Array => {
    const values = node.hasInput(index)
      ? constantOf(operator, index, what).values
      : Float32Array.of(otherwise);
    if (values.length !== count && values.length !== 1)
      node.fail(`has ${values.length} values of ${what} for ${count} channels`);
    return values.length === count
      ? Float32Array.from(values)
      : sameValues([1, 1, count], values[0]!);
  };
  const norm = {
    gamma: list(1, 'scale', 1),
    beta: list(2, 'bias', 0),
    epsilon: node.float('epsilon', 1e-5),
  };
  operator.give({ ...value, step: layerNormStep(value.step, norm, node) });
};
