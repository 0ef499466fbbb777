/** Add, Sub, Mul, Div and Neg: of two tensors that the network computes, or of one and a constant. */
import type { Shape } from '../../ops/shape';
import { hardSwishBeforeSixth, hardSwishOf, isSixth, preluOf } from '../spelled-out';
import type { Term } from '../spelled-out';
import { elements, sameShape } from '../../ops/shape';
import { hardSwishStep, preluStep } from './activations';
import { arithmetic, withConstant } from './constant-operand';
import type { Factor, Value } from './layout';
import { aligned, dimsOf, liesAs, operand, withGroups } from './layout';
import type { Step } from './network';
import { addStep, plain, unsupportedStep } from './network';
import type { NodeReader } from './node';
import { normalised, withScaleAndShift } from './normalization';
import type { Handler, Operator } from './operator';
import { isConstantOf } from '../constant-of';
import { constantOf } from './operator';
import type { Tensor } from './tensor';

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
  const { step } = value;
  const give = (its: Step): void => operator.give({ ...value, step: its });
  const sixth =
    (kind === 'Div' && !constantFirst && isConstantOf(constant.values, 6)) ||
    (kind === 'Mul' && isSixth(constant.values));
  const swished = sixth ? hardSwishBeforeSixth(step, termOf) : undefined;
  if (swished !== undefined) return give(hardSwishStep(swished, node));
  const found = withScaleAndShift(step, kind, constant, node);
  if (found !== undefined) return give(found);
  const changed = (of: (v: number) => number): { shape: Shape; values: Float32Array } => ({
    ...constant,
    values: constant.values.map(of),
  });
  if (kind === 'Div' && constantFirst) {
    node.fail('divides a constant by what the network computes, which is not supported');
  }
  switch (kind) {
    case 'Add':
      return give(arithmetic(step, 'add', constant, node));
    case 'Mul':
      return give(arithmetic(step, 'mul', constant, node));
    case 'Div':
      return give(
        arithmetic(
          step,
          'mul',
          changed((v) => 1 / v),
          node,
        ),
      );
    case 'Sub': {
      if (constantFirst) {
        return give(arithmetic(withConstant(step, 'mul', -1, node), 'add', constant, node));
      }
      return give(
        arithmetic(
          step,
          'add',
          changed((v) => -v),
          node,
        ),
      );
    }
  }
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
    const steep = kind === 'Add' ? preluOf(x.step, y.step, termOf) : undefined;
    if (steep !== undefined) {
      const { x: of, slopes } = steep;
      const channels = slopes.length === 1 ? 1 : of.shape[2];
      const operand = { values: slopes, shape: [1, slopes.length / channels, channels] as const };
      return operator.give({ ...x, step: preluStep(of, operand, node) });
    }
    const swished = kind === 'Mul' ? hardSwishOf(x.step, y.step, termOf) : undefined;
    if (swished !== undefined) {
      return operator.give({ ...x, step: hardSwishStep(swished, node) });
    }
    combine(operator, kind, x, y);
  };
}

/** A step as those see it who look for what is spelled out. */
function termOf({ op, inputs, numbers, operand: constant }: Step): Term<Step> {
  switch (op) {
    case 'add':
    case 'mul':
      return { op, inputs, values: constant?.values };
    case 'sum':
    case 'product':
      return { op, inputs };
    case 'hardSigmoid':
      return { op: 'clamp', inputs, range: [0, 1] };
    case 'clamp':
      return { op, inputs, range: [numbers?.[0] ?? -Infinity, numbers?.[1] ?? Infinity] };
    default:
      return { op: 'other', inputs };
  }
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

export const neg: Handler = (operator) => {
  const value = operator.value(0);
  operator.give({ ...value, step: withConstant(value.step, 'mul', -1, operator.node) });
};
