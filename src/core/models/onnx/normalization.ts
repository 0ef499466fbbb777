/** Batch and layer normalisation, the latter also where it is spelled out. */
import type { Shape } from '../../ops/shape';
import { axisOf } from './fold';
import { dimsOf, operand, withGroups } from './layout';
import type { LayerNorm, Step } from './network';
import { addStep, unsupportedStep } from './network';
import type { NodeReader } from './node';
import type { Handler } from './operator';
import { constantOf, sameLayout, sameValues } from './operator';

export function layerNormStep(x: Step, values: Omit<LayerNorm, 'x'>, node: NodeReader): Step {
  const norm = { ...values, x };
  return addStep({
    op: 'layerNorm',
    inputs: [x],
    shape: x.shape,
    node,
    norm,
    emit: (network, inputs) => network.layerNorm(inputs, norm),
  });
}

/** A layer normalisation whose output is scaled or shifted channel by channel: another one. */
export function withScaleAndShift(
  { norm, shape, shared }: Step,
  kind: 'Add' | 'Sub' | 'Mul' | 'Div',
  constant: { readonly shape: Shape; readonly values: Float32Array },
  node: NodeReader,
): Step | undefined {
  const [height, width, depth] = constant.shape;
  if (norm === undefined || shared || height !== 1 || width !== 1) return undefined;
  const each =
    depth === shape[2] ? constant.values : sameValues([1, 1, shape[2]], constant.values[0]!);
  const { x, gamma, beta } = norm;
  if (kind === 'Mul') {
    const by = (values: Float32Array): Float32Array => values.map((v, c) => v * each[c]!);
    return layerNormStep(x, { ...norm, gamma: by(gamma), beta: by(beta) }, node);
  }
  if (kind === 'Add') {
    return layerNormStep(x, { ...norm, beta: beta.map((v, c) => v + each[c]!) }, node);
  }
  return undefined;
}

/** Layer normalisation spelled out: d / √(mean(d²) + ε), where d is x − mean(x). */
export function normalised(d: Step, root: Step, node: NodeReader): Step | undefined {
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
