/** Operators on constants: their result is computed here once, so that none of them is left in the network. */
import { elements } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { Operator } from './file';
import type { Constant } from './tensors';

type Fold = (operator: Operator, inputs: readonly Constant[]) => Constant;

/** Of dequantised values, so QUANTIZE and DEQUANTIZE change nothing. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  DENSIFY: (_, [x]) => x!,
  DEQUANTIZE: (_, [x]) => x!,
  QUANTIZE: (_, [x]) => x!,
  CAST: ({ outputs }, [x]) =>
    outputs[0]?.type.startsWith('float') === true
      ? x!
      : { ...x!, values: x!.values.map(Math.trunc) },
  RESHAPE: reshaped,
  EXPAND_DIMS: reshaped,
  SQUEEZE: reshaped,
  ADD: elementwise((a, b) => a + b),
  SUB: elementwise((a, b) => a - b),
  MUL: elementwise((a, b) => a * b),
  DIV: elementwise((a, b) => a / b),
  FLOOR_DIV: elementwise((a, b) => Math.floor(a / b)),
  MAXIMUM: elementwise(Math.max),
  MINIMUM: elementwise(Math.min),
  NEG: (_, [x]) => ({ ...x!, values: x!.values.map((v) => -v) }),
  RSQRT: (_, [x]) => ({ ...x!, values: x!.values.map((v) => 1 / Math.sqrt(v)) }),
  SQRT: (_, [x]) => ({ ...x!, values: x!.values.map(Math.sqrt) }),
  PACK: (_, inputs) => ({
    shape: [inputs.length, ...inputs[0]!.shape],
    values: joined(inputs),
  }),
  CONCATENATION: (operator, inputs) => {
    if (inputs.some(({ shape }) => shape.length !== 1)) throw unsupported(operator);
    const values = joined(inputs);
    return { shape: [values.length], values };
  },
  STRIDED_SLICE: (operator, inputs) => {
    const { options } = operator;
    const [x, begin, end, strides] = inputs.map(({ values }) => values);
    const vector = inputs[0]?.shape.length === 1 && begin?.length === 1;
    const [from, to, step] = [begin?.[0], end?.[0], strides?.[0]];
    if (!vector || from === undefined || to === undefined || step !== 1) {
      throw unsupported(operator);
    }
    const index = (i: number): number => (i < 0 ? i + x!.length : i);
    if ((options.int32(4) & 1) === 1) {
      return { shape: [], values: x!.slice(index(from), index(from) + 1) };
    }
    const values = x!.slice(
      (options.int32(0) & 1) === 1 ? 0 : index(from),
      (options.int32(1) & 1) === 1 ? x!.length : index(to),
    );
    return { shape: [values.length], values };
  },
  GATHER: (operator, [x, indices]) => {
    if (x!.shape.length !== 1) throw unsupported(operator);
    return { shape: indices!.shape, values: indices!.values.map((i) => x!.values[i] ?? NaN) };
  },
  REDUCE_PROD: (_, [x]) => ({
    shape: [],
    values: Float64Array.of(x!.values.reduce((product, v) => product * v, 1)),
  }),
  TRANSPOSE: (operator, [x, permutation]) => transposed(operator, x!, [...permutation!.values]),
};

function reshaped({ outputs }: Operator, [x]: readonly Constant[]): Constant {
  return { shape: outputs[0]!.shape, values: x!.values };
}

/** Of equal shapes, or with one value against many. */
function elementwise(of: (a: number, b: number) => number): Fold {
  return (operator, [a, b]) => {
    const [x, y] = [a!.values, b!.values];
    if (y.length === 1) return { shape: a!.shape, values: x.map((v) => of(v, y[0]!)) };
    if (x.length === 1) return { shape: b!.shape, values: y.map((v) => of(x[0]!, v)) };
    if (x.length !== y.length) throw unsupported(operator);
    return { shape: a!.shape, values: x.map((v, i) => of(v, y[i]!)) };
  };
}

function joined(inputs: readonly Constant[]): Float64Array {
  const whole = new Float64Array(inputs.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of inputs) {
    whole.set(values, at);
    at += values.length;
  }
  return whole;
}

function transposed(operator: Operator, x: Constant, permutation: readonly number[]): Constant {
  const sorted = [...permutation].sort((a, b) => a - b);
  if (permutation.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
    throw unsupported(operator);
  }
  const shape = permutation.map((axis) => x.shape[axis]!);
  const steps = permutation.map((axis) => elements(x.shape.slice(axis + 1)));
  const values = x.values.map((_, i) => {
    let [at, rest] = [0, i];
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (rest % shape[d]!) * steps[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    return x.values[at]!;
  });
  return { shape, values };
}

function unsupported({ where }: Operator): UserError {
  return new UserError(
    `${where} computes with constants in a way that is not supported. Convert the network with constant folding and ` +
      'fixed shapes.',
  );
}
