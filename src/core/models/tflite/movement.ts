/** Operators that put values elsewhere, or make one of many: their axes are constants. */
import type { Axis } from '../../ops/concat/graph';
import { AXES } from '../../ops/concat/graph';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import type { ReadOperator, Reading } from './reading';
import { fusedActivation, inputOf } from './reading';
import { axisOf } from './tensors';

export const concatenation: ReadOperator = (operator, network) => {
  const { where, options } = operator;
  const along = AXES[axisOf(inputOf(operator), options.int32(0), where)]!;
  network.layer(operator, { type: 'concat', along }, { activation: fusedActivation(operator, 1) });
};

/** For what no window behind it pads itself. */
export const padLayer: ReadOperator = (operator, network) => {
  const { where, name } = operator;
  const input = inputOf(operator);
  const widths = valuesOf(operator, network, 1, 'its padding');
  const around = byAxis(
    input,
    (axis) => [widths[2 * axis] ?? 0, widths[2 * axis + 1] ?? 0],
    [0, 0],
    where,
  );
  const [rows, columns, channels] = around;
  const pads = [...rows, ...columns, ...(channels.some((n) => n > 0) ? channels : [])];
  const value = name === 'PADV2' ? valuesOf(operator, network, 2, 'its value')[0] : undefined;
  const config = { type: 'pad', pads } as const;
  network.layer(operator, value === undefined ? config : { ...config, value }, {
    inputs: [input],
  });
};

/** MEAN, which has a scale of its own, and REDUCE_MAX. */
export function reduction(type: 'reduceMean' | 'reduceMax'): ReadOperator {
  return (operator, network) => {
    const input = inputOf(operator);
    const axes = valuesOf(operator, network, 1, 'its axes')
      .filter((axis) => !isBatch(input, axis))
      .map((axis): Axis => AXES[axisOf(input, axis, operator.where)]!);
    const some = [...new Set(axes)];
    const plane = some.length === 2 && !some.includes('channels');
    // Of a whole plane there are kernels of windows, which are faster; TFLite rounds an int8 mean otherwise.
    if (plane && type === 'reduceMax') {
      return network.layer(operator, { type: 'globalMaxPool' }, { inputs: [input] });
    }
    if (plane && !network.int8) {
      return network.layer(operator, { type: 'globalAveragePool' }, { inputs: [input] });
    }
    return network.layer(operator, { type, axes: some }, { inputs: [input] });
  };
}

export const slice: ReadOperator = (operator, network) => {
  const { where } = operator;
  const input = inputOf(operator);
  const begins = valuesOf(operator, network, 1, 'its begin');
  const sizes = valuesOf(operator, network, 2, 'its size');
  const begin = byAxis(input, (axis) => begins[axis] ?? 0, 0, where);
  const size = byAxis(
    input,
    (axis) => (sizes[axis] === -1 ? input.shape[axis]! - begins[axis]! : sizes[axis]!),
    1,
    where,
  );
  network.layer(operator, { type: 'slice', begin, extent: size }, { inputs: [input] });
};

/** Fields of its options: masks of begins and ends that do not count, of an ellipsis, of new axes, of axes that are dropped. */
export const stridedSlice: ReadOperator = (operator, network) => {
  const { where, options } = operator;
  const input = inputOf(operator);
  if (options.int32(2) !== 0 || options.int32(3) !== 0) {
    throw new UserError(`${where}: an ellipsis or new axes in a slice are not supported.`);
  }
  const begins = valuesOf(operator, network, 1, 'its begin');
  const ends = valuesOf(operator, network, 2, 'its end');
  const strides = valuesOf(operator, network, 3, 'its strides');
  const part = (axis: number): { begin: number; size: number; step: number } => {
    const whole = input.shape[axis]!;
    const bit = (mask: number): boolean => ((mask >> axis) & 1) === 1;
    const step = strides[axis] ?? 1;
    if (step < 1) throw new UserError(`${where}: a stride of ${step} is not supported.`);
    const from = (at: number): number => Math.max(0, Math.min(at < 0 ? at + whole : at, whole));
    const begin = bit(options.int32(0)) ? 0 : from(begins[axis] ?? 0);
    const dropped = bit(options.int32(4));
    const end = dropped ? begin + 1 : bit(options.int32(1)) ? whole : from(ends[axis] ?? whole);
    return { begin, size: Math.ceil((end - begin) / step), step };
  };
  const parts = byAxis(input, part, { begin: 0, size: 1, step: 1 }, where);
  const [rows, columns, channels] = parts;
  const of = (key: 'begin' | 'size' | 'step'): [number, number, number] => [
    rows[key],
    columns[key],
    channels[key],
  ];
  const config = { type: 'slice', begin: of('begin'), extent: of('size') } as const;
  network.layer(
    operator,
    parts.every(({ step }) => step === 1) ? config : { ...config, step: of('step') },
    { inputs: [input] },
  );
};

/** One slice for each output. */
export const split: ReadOperator = (operator, network) => {
  const { where, outputs } = operator;
  const input = inputOf(operator, 1);
  const [axis = 0] = valuesOf(operator, network, 0, 'its axis');
  slices(
    operator,
    network,
    input,
    axis,
    outputs.map(({ shape }) => shape.at(axis) ?? 1),
    where,
  );
};

export const splitV: ReadOperator = (operator, network) => {
  const { where, outputs } = operator;
  const input = inputOf(operator);
  const [axis = 0] = valuesOf(operator, network, 2, 'its axis');
  slices(
    operator,
    network,
    input,
    axis,
    outputs.map(({ shape }) => shape.at(axis) ?? 1),
    where,
  );
};

/** As many parts as the axis is long, each without it. */
export const unpack: ReadOperator = (operator, network) => {
  const input = inputOf(operator);
  const axis = operator.options.int32(1);
  const sizes = operator.outputs.map(() => 1);
  slices(operator, network, input, axis, sizes, operator.where);
};

function slices(
  operator: Operator,
  network: Reading,
  input: Tensor,
  axis: number,
  sizes: readonly number[],
  where: string,
): void {
  const along = axisOf(input, axis, where);
  const shape = network.shapeOf(input, where);
  if (sizes.reduce((sum, size) => sum + size, 0) !== shape[along]) {
    throw new UserError(`${where}: its outputs are not what axis ${axis} of its input falls into.`);
  }
  let first = 0;
  operator.outputs.forEach((output, i) => {
    const begin: [number, number, number] = [0, 0, 0];
    const size: [number, number, number] = [...shape];
    begin[along] = first;
    size[along] = sizes[i]!;
    first += sizes[i]!;
    network.layer(
      { ...operator, outputs: [output] },
      { type: 'slice', begin, extent: size },
      { inputs: [input] },
    );
  });
}

export const transpose: ReadOperator = (operator, network) => {
  const { where } = operator;
  const input = inputOf(operator);
  const order = valuesOf(operator, network, 1, 'its order');
  const rank = input.shape.length;
  const missing = 4 - rank;
  // With ones in front, as many as a batch of three axes has.
  const full = [
    ...Array.from({ length: missing }, (_, i) => i),
    ...order.map((axis) => axis + missing),
  ];
  const [batch, a, b, c] = full;
  if (batch !== 0 || a === undefined || b === undefined || c === undefined || rank > 4) {
    throw new UserError(`${where}: only height, width and channels can change places.`);
  }
  if (a === 1 && b === 2) return network.pass(operator, input);
  return network.layer(
    operator,
    { type: 'transpose', order: [a - 1, b - 1, c - 1] },
    { inputs: [input] },
  );
};

/** @param align fields of the options: whether ends are aligned, whether pixels' centres are */
export function resize(
  method: 'nearest' | 'bilinear',
  ends: number,
  centers: number,
): ReadOperator {
  return (operator, network) => {
    const { options } = operator;
    const [height = 0, width = 0] = valuesOf(operator, network, 1, 'its size');
    const align = options.boolean(ends) ? 'ends' : options.boolean(centers) ? 'centers' : 'corners';
    network.layer(
      operator,
      { type: 'resize', method, to: [height, width], align },
      { inputs: [inputOf(operator)] },
    );
  };
}

export function blocks(type: 'depthToSpace' | 'spaceToDepth'): ReadOperator {
  return (operator, network) => {
    network.layer(
      operator,
      { type, block: operator.options.int32(0) },
      { inputs: [inputOf(operator)] },
    );
  };
}

function valuesOf(operator: Operator, network: Reading, index: number, what: string): number[] {
  return Array.from(network.required(operator, index, what).values);
}

function isBatch(tensor: Tensor, axis: number): boolean {
  return (
    tensor.shape[0] === 1 &&
    tensor.shape.length > 3 &&
    (axis === 0 || axis === -tensor.shape.length)
  );
}

/** What `of` says of the tensor's axes for height, width and channels; `else` for those it lacks. */
function byAxis<T>(
  tensor: Tensor,
  of: (axis: number) => T,
  otherwise: T,
  where: string,
): [T, T, T] {
  const result: [T, T, T] = [otherwise, otherwise, otherwise];
  tensor.shape.forEach((size, axis) => {
    if (tensor.shape[0] === 1 && axis === 0 && size === 1) return;
    result[axisOf(tensor, axis, where)] = of(axis);
  });
  return result;
}
