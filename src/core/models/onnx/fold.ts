/**
 * What operators give whose inputs are all known while the file is read: the arithmetic of shapes that exporters write
 * around reshapes, and constants that are computed from others. Numbers are computed as ONNX types say: whole numbers are
 * divided to whole ones, the rest is rounded to float32.
 */
import type { NodeReader } from './node';
import type { Tensor } from './tensor';
import {
  broadcast,
  broadcastOffsets,
  filled,
  floats,
  ints,
  sizeOf,
  strided,
  stridesOf,
  tensorType,
  transposed,
} from './tensor';

type Fold = (inputs: readonly Tensor[], node: NodeReader) => Tensor | readonly Tensor[];

/** What an operator gives of constants; undefined where it is none that is computed here. */
export function fold(
  type: string,
  inputs: readonly (Tensor | undefined)[],
  node: NodeReader,
): readonly Tensor[] | undefined {
  const known = FOLDS.get(type);
  if (known === undefined) return undefined;
  // Those that are left out stand at the end, but for Clip's and Slice's, which ask the node.
  const given = inputs.filter((input) => input !== undefined);
  const result = known(given, node);
  return Array.isArray(result) ? result : [result as Tensor];
}

export function canFold(type: string): boolean {
  return FOLDS.has(type);
}

const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Identity', ([x], node) => need(x, node)],
  ['Dropout', ([x], node) => need(x, node)],
  [
    'Cast',
    ([x], node) =>
      cast(
        need(x, node),
        tensorType(node.int('to', 1)) ?? node.fail('casts to a type that is not supported'),
      ),
  ],
  ['CastLike', ([x, like], node) => cast(need(x, node), need(like, node).type)],
  ['Shape', ([x], node) => shapeOf(need(x, node).dims, node)],
  ['Size', ([x], node) => ints([need(x, node).values.length], [])],
  ['Constant', (_, node) => constant(node)],
  [
    'ConstantOfShape',
    ([shape], node) => {
      const value = node.tensor('value') ?? floats([0], [1]);
      return filled(value.type, listOf(need(shape, node)), node.where, () => value.values[0] ?? 0);
    },
  ],
  [
    'Range',
    ([start, limit, step], node) =>
      range(need(start, node), need(limit, node), need(step, node), node),
  ],
  [
    'Gather',
    ([x, indices], node) => gather(need(x, node), need(indices, node), node.int('axis', 0), node),
  ],
  ['Concat', (all, node) => concat(all, node.int('axis', 0), node)],
  [
    'Unsqueeze',
    ([x, axes], node) =>
      reshape(need(x, node), unsqueezed(need(x, node).dims, node.axes(axes) ?? [], node), node),
  ],
  [
    'Squeeze',
    ([x, axes], node) =>
      reshape(need(x, node), squeezed(need(x, node).dims, node.axes(axes), node), node),
  ],
  [
    'Reshape',
    ([x, shape], node) =>
      reshape(need(x, node), reshaped(need(x, node).dims, listOf(need(shape, node)), node), node),
  ],
  ['Flatten', ([x], node) => reshape(need(x, node), flattened(need(x, node).dims, node), node)],
  [
    'Transpose',
    ([x], node) => transposed(need(x, node), permutation(need(x, node).dims.length, node)),
  ],
  [
    'Slice',
    (_, node) =>
      sliced(need(node.constant(0), node), slices(need(node.constant(0), node).dims, node)),
  ],
  [
    'Split',
    ([x], node) => splits(need(x, node).dims, node).map((part) => sliced(need(x, node), part)),
  ],
  ['Expand', ([x, shape], node) => expand(need(x, node), listOf(need(shape, node)), node)],
  ['Tile', ([x, repeats], node) => tile(need(x, node), listOf(need(repeats, node)), node)],
  ['Where', ([c, a, b], node) => where(need(c, node), need(a, node), need(b, node), node)],
  ['Clip', (_, node) => clip(need(node.constant(0), node), node)],
  [
    'DequantizeLinear',
    ([x, scale, zero], node) => dequantize(need(x, node), need(scale, node), zero, node),
  ],
  [
    'QuantizeLinear',
    ([x, scale, zero], node) => quantize(need(x, node), need(scale, node), zero, node),
  ],
  ...Object.entries(UNARY()).map(([type, of]): [string, Fold] => [
    type,
    ([x], node) => {
      const input = need(x, node);
      return filled(type === 'Not' ? 'bool' : input.type, input.dims, node.where, (i) =>
        of(input.values[i]!),
      );
    },
  ]),
  ...Object.entries(BINARY()).map(([type, [of, gives]]): [string, Fold] => [
    type,
    ([a, b], node) => binary(need(a, node), need(b, node), node, of, gives),
  ]),
  ...Object.entries(REDUCE()).map(([type, [start, of, mean]]): [string, Fold] => [
    type,
    ([x, axes], node) => reduce(need(x, node), node.axes(axes), node, start, of, mean),
  ]),
]);

function UNARY(): Record<string, (x: number) => number> {
  return {
    Neg: (x) => -x,
    Abs: Math.abs,
    Floor: Math.floor,
    Ceil: Math.ceil,
    Sqrt: Math.sqrt,
    Exp: Math.exp,
    Log: Math.log,
    Reciprocal: (x) => 1 / x,
    Relu: (x) => Math.max(0, x),
    Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    Tanh: Math.tanh,
    Not: (x) => Number(x === 0),
  };
}

type Binary = (a: number, b: number, whole: boolean) => number;

function BINARY(): Record<string, readonly [Binary, Tensor['type']?]> {
  return {
    Add: [(a, b) => a + b],
    Sub: [(a, b) => a - b],
    Mul: [(a, b) => a * b],
    Div: [(a, b, whole) => (whole ? Math.trunc(a / b) : a / b)],
    Mod: [(a, b) => a - b * Math.floor(a / b)],
    Pow: [(a, b) => a ** b],
    Min: [(a, b) => Math.min(a, b)],
    Max: [(a, b) => Math.max(a, b)],
    Equal: [(a, b) => Number(a === b), 'bool'],
    Less: [(a, b) => Number(a < b), 'bool'],
    Greater: [(a, b) => Number(a > b), 'bool'],
    LessOrEqual: [(a, b) => Number(a <= b), 'bool'],
    GreaterOrEqual: [(a, b) => Number(a >= b), 'bool'],
    And: [(a, b) => Number(a !== 0 && b !== 0), 'bool'],
    Or: [(a, b) => Number(a !== 0 || b !== 0), 'bool'],
  };
}

function REDUCE(): Record<string, readonly [number, (sum: number, x: number) => number, boolean]> {
  return {
    ReduceSum: [0, (sum, x) => sum + x, false],
    ReduceMean: [0, (sum, x) => sum + x, true],
    ReduceProd: [1, (sum, x) => sum * x, false],
    ReduceMax: [-Infinity, Math.max, false],
    ReduceMin: [Infinity, Math.min, false],
  };
}

function need(tensor: Tensor | undefined, node: NodeReader): Tensor {
  return tensor ?? node.fail('lacks an input');
}

export function listOf(tensor: Tensor): number[] {
  return Array.from(tensor.values);
}

function cast(x: Tensor, type: Tensor['type']): Tensor {
  if (type === x.type) return x;
  const whole = type === 'bool' ? (v: number) => Number(v !== 0) : Math.trunc;
  const values =
    type === 'float' ? Float32Array.from(x.values) : Float64Array.from(x.values, whole);
  return { dims: x.dims, type, values };
}

/** What Shape gives of a tensor of these dimensions. */
export function shapeOf(dims: readonly number[], node: NodeReader): Tensor {
  const clamp = (at: number): number =>
    Math.max(0, Math.min(dims.length, at < 0 ? at + dims.length : at));
  return ints(dims.slice(clamp(node.int('start', 0)), clamp(node.int('end', dims.length))));
}

export function constant(node: NodeReader): Tensor {
  const tensor = node.tensor('value');
  if (tensor !== undefined) return tensor;
  const one = node.optionalFloat('value_float');
  if (one !== undefined) return floats([one], []);
  const whole = node.optionalInt('value_int');
  if (whole !== undefined) return ints([whole], []);
  if (node.has('value_floats')) {
    const list = node.floats('value_floats');
    return floats(list, [list.length]);
  }
  return node.has('value_ints')
    ? ints(node.ints('value_ints'))
    : node.fail('holds a value of a kind that is not supported');
}

function range(start: Tensor, limit: Tensor, step: Tensor, node: NodeReader): Tensor {
  const [from, to, by] = [start, limit, step].map((t) => t.values[0] ?? 0) as [
    number,
    number,
    number,
  ];
  const count = Math.max(0, Math.ceil((to - from) / by));
  return filled(start.type, [count], node.where, (i) => from + i * by);
}

export function axisOf(axis: number, rank: number, node: NodeReader): number {
  const found = axis < 0 ? axis + rank : axis;
  return Number.isInteger(found) && found >= 0 && found < rank
    ? found
    : node.fail(`names axis ${axis} of a tensor of ${rank} dimensions`);
}

function gather(x: Tensor, indices: Tensor, wanted: number, node: NodeReader): Tensor {
  const axis = axisOf(wanted, x.dims.length, node);
  const size = x.dims[axis]!;
  const inner = stridesOf(x.dims)[axis]!;
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
  const count = indices.values.length;
  return filled(x.type, dims, node.where, (i) => {
    const index = indices.values[Math.floor(i / inner) % count]!;
    const at = index < 0 ? index + size : index;
    if (!(at >= 0 && at < size)) node.fail(`asks for element ${index} of ${size}`);
    return x.values[(Math.floor(i / (inner * count)) * size + at) * inner + (i % inner)]!;
  });
}

function concat(all: readonly Tensor[], wanted: number, node: NodeReader): Tensor {
  const first = need(all[0], node);
  const axis = axisOf(wanted, first.dims.length, node);
  const size = all.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
  const dims = first.dims.map((n, a) => (a === axis ? size : n));
  if (
    all.some(
      (t) => t.dims.length !== dims.length || t.dims.some((n, a) => a !== axis && n !== dims[a]),
    )
  ) {
    node.fail('joins tensors whose shapes differ');
  }
  const result = filled(first.type, dims, node.where, () => 0);
  const row = size * stridesOf(dims)[axis]!;
  let start = 0;
  for (const { values, dims: its } of all) {
    const part = its[axis]! * stridesOf(its)[axis]!;
    values.forEach(
      (value, i) => (result.values[Math.floor(i / part) * row + start + (i % part)] = value),
    );
    start += part;
  }
  return result;
}

function reshape(x: Tensor, dims: readonly number[], node: NodeReader): Tensor {
  if (sizeOf(dims, node.where) !== x.values.length) {
    node.fail(`makes [${dims.join(', ')}] of [${x.dims.join(', ')}]`);
  }
  return { ...x, dims };
}

export function unsqueezed(
  dims: readonly number[],
  axes: readonly number[],
  node: NodeReader,
): number[] {
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank, node)));
  if (added.size !== axes.length) node.fail('names an axis twice');
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : dims[next++]!));
}

export function squeezed(
  dims: readonly number[],
  axes: readonly number[] | undefined,
  node: NodeReader,
): number[] {
  const gone = new Set(
    axes?.map((axis) => axisOf(axis, dims.length, node)) ??
      dims.flatMap((n, axis) => (n === 1 ? [axis] : [])),
  );
  if ([...gone].some((axis) => dims[axis] !== 1)) node.fail('drops an axis that is not of size 1');
  return dims.filter((_, axis) => !gone.has(axis));
}

/** The dimensions that Reshape asks for, with 0 as "the same" and -1 as "the rest". */
export function reshaped(
  dims: readonly number[],
  wanted: readonly number[],
  node: NodeReader,
): number[] {
  const copies = node.int('allowzero', 0) === 0;
  const found = wanted.map((n, axis) => (n === 0 && copies ? (dims[axis] ?? 0) : n));
  const rest = found.indexOf(-1);
  const count = dims.reduce((product, n) => product * n, 1);
  if (rest >= 0) {
    const others = found.reduce((product, n, axis) => (axis === rest ? product : product * n), 1);
    found[rest] = others === 0 ? 0 : count / others;
  }
  if (
    !found.every((n) => Number.isInteger(n) && n >= 0) ||
    found.reduce((p, n) => p * n, 1) !== count
  ) {
    node.fail(`makes [${wanted.join(', ')}] of [${dims.join(', ')}]`);
  }
  return found;
}

export function flattened(dims: readonly number[], node: NodeReader): number[] {
  const wanted = node.int('axis', 1);
  const axis = wanted === dims.length ? wanted : axisOf(wanted, dims.length, node);
  const product = (part: readonly number[]): number => part.reduce((p, n) => p * n, 1);
  return [product(dims.slice(0, axis)), product(dims.slice(axis))];
}

export function permutation(rank: number, node: NodeReader): number[] {
  const order = node.has('perm')
    ? node.ints('perm')
    : Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (
    order.length !== rank ||
    new Set(order.map((axis) => axisOf(axis, rank, node))).size !== rank
  ) {
    node.fail(`transposes ${rank} dimensions by [${order.join(', ')}]`);
  }
  return [...order];
}

/** Along each axis: the first element, how many, and by how much it goes on. */
export interface Part {
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/** What a Slice takes of each axis. */
export function slices(dims: readonly number[], node: NodeReader): Part[] {
  const list = (input: number, attribute: string): number[] | undefined => {
    if (node.hasInput(input))
      return listOf(
        node.constant(input) ?? node.fail('takes a part that is only known when it runs'),
      );
    return node.has(attribute) ? [...node.ints(attribute)] : undefined;
  };
  const starts = list(1, 'starts') ?? node.fail('lacks its starts');
  const ends = list(2, 'ends') ?? node.fail('lacks its ends');
  const axes = list(3, 'axes') ?? starts.map((_, i) => i);
  const steps = list(4, 'steps') ?? starts.map(() => 1);
  const parts: Part[] = dims.map((size) => ({ start: 0, size, step: 1 }));
  axes.forEach((wanted, i) => {
    const axis = axisOf(wanted, dims.length, node);
    const size = dims[axis]!;
    const step = steps[i] ?? 1;
    if (!Number.isInteger(step) || step === 0) node.fail(`goes on by ${step}`);
    const clamp = (at: number): number =>
      step > 0
        ? Math.min(size, Math.max(0, at < 0 ? at + size : at))
        : Math.min(size - 1, Math.max(-1, at < 0 ? at + size : at));
    const start = clamp(starts[i] ?? 0);
    const count = Math.max(0, Math.ceil((clamp(ends[i] ?? size) - start) / step));
    parts[axis] = { start, size: count, step };
  });
  return parts;
}

/** What each output of a Split is of each axis. */
export function splits(dims: readonly number[], node: NodeReader): Part[][] {
  const axis = axisOf(node.int('axis', 0), dims.length, node);
  const size = dims[axis]!;
  const outputs = node.outputs;
  const given = node.hasInput(1)
    ? listOf(node.constant(1) ?? node.fail('has sizes that are only known when it runs'))
    : node.ints('split');
  const share = Math.ceil(size / outputs);
  const sizes =
    given.length > 0
      ? given
      : Array.from({ length: outputs }, (_, i) => Math.min(share, size - i * share));
  if (
    sizes.length !== outputs ||
    sizes.some((n) => !(n >= 0)) ||
    sizes.reduce((a, b) => a + b, 0) !== size
  ) {
    node.fail(`splits ${size} into [${sizes.slice(0, 8).join(', ')}]`);
  }
  let start = 0;
  return sizes.map((n) => {
    const part = dims.map((all, a) =>
      a === axis ? { start, size: n, step: 1 } : { start: 0, size: all, step: 1 },
    );
    start += n;
    return part;
  });
}

function sliced(x: Tensor, parts: readonly Part[]): Tensor {
  const strides = stridesOf(x.dims);
  const start = parts.reduce((sum, part, axis) => sum + part.start * strides[axis]!, 0);
  const dims = parts.map(({ size }) => size);
  const from = strided(
    dims,
    parts.map(({ step }, axis) => step * strides[axis]!),
    start,
  );
  const values = x.values.slice(0, from.length);
  from.forEach((at, i) => (values[i] = x.values[at]!));
  return { ...x, dims, values };
}

function expand(x: Tensor, shape: readonly number[], node: NodeReader): Tensor {
  const dims = broadcast(x.dims, shape) ?? node.fail('expands to a shape that does not fit');
  sizeOf(dims, node.where);
  const from = broadcastOffsets(x.dims, dims);
  return filled(x.type, dims, node.where, (i) => x.values[from[i]!]!);
}

function tile(x: Tensor, repeats: readonly number[], node: NodeReader): Tensor {
  if (repeats.length !== x.dims.length) node.fail('repeats other axes than there are');
  const dims = x.dims.map((n, axis) => n * repeats[axis]!);
  const own = stridesOf(x.dims);
  const all = stridesOf(dims);
  return filled(x.type, dims, node.where, (i) => {
    let at = 0;
    for (let axis = 0; axis < dims.length; axis++) {
      at += ((Math.floor(i / all[axis]!) % dims[axis]!) % x.dims[axis]!) * own[axis]!;
    }
    return x.values[at]!;
  });
}

function where(condition: Tensor, a: Tensor, b: Tensor, node: NodeReader): Tensor {
  const both = broadcast(a.dims, b.dims);
  const dims =
    (both && broadcast(condition.dims, both)) ?? node.fail('has inputs whose shapes do not fit');
  sizeOf(dims, node.where);
  const [c, x, y] = [condition, a, b].map((t) => broadcastOffsets(t.dims, dims)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  return filled(a.type, dims, node.where, (i) =>
    condition.values[c[i]!] === 0 ? b.values[y[i]!]! : a.values[x[i]!]!,
  );
}

function binary(
  a: Tensor,
  b: Tensor,
  node: NodeReader,
  of: Binary,
  gives?: Tensor['type'],
): Tensor {
  const dims = broadcast(a.dims, b.dims) ?? node.fail('has inputs whose shapes do not fit');
  sizeOf(dims, node.where);
  const [x, y] = [broadcastOffsets(a.dims, dims), broadcastOffsets(b.dims, dims)];
  const whole = a.type !== 'float';
  return filled(gives ?? a.type, dims, node.where, (i) =>
    of(a.values[x[i]!]!, b.values[y[i]!]!, whole),
  );
}

/** The limits of a Clip, whichever way the file's version gives them. */
export function clipLimits(node: NodeReader): readonly [number, number] {
  const limit = (input: number, attribute: string, otherwise: number): number => {
    if (!node.hasInput(input)) return node.optionalFloat(attribute) ?? otherwise;
    return (
      node.constant(input)?.values[0] ?? node.fail('has limits that are only known when it runs')
    );
  };
  return [limit(1, 'min', -Infinity), limit(2, 'max', Infinity)];
}

function clip(x: Tensor, node: NodeReader): Tensor {
  const [low, high] = clipLimits(node);
  return filled(x.type, x.dims, node.where, (i) => Math.min(high, Math.max(low, x.values[i]!)));
}

function reduce(
  x: Tensor,
  wanted: readonly number[] | undefined,
  node: NodeReader,
  start: number,
  of: (sum: number, x: number) => number,
  mean: boolean,
): Tensor {
  const all = x.dims.map((_, axis) => axis);
  const axes = new Set(
    wanted === undefined || wanted.length === 0
      ? all
      : wanted.map((axis) => axisOf(axis, x.dims.length, node)),
  );
  const kept = x.dims.map((n, axis) => (axes.has(axis) ? 1 : n));
  const sums = filled('float', kept, node.where, () => 0);
  const values = new Float64Array(sums.values.length).fill(start);
  broadcastOffsets(kept, x.dims).forEach((at, i) => (values[at] = of(values[at]!, x.values[i]!)));
  const share = mean ? x.values.length / values.length : 1;
  const dims = node.int('keepdims', 1) === 0 ? x.dims.filter((_, axis) => !axes.has(axis)) : kept;
  return filled(x.type, dims, node.where, (i) => values[i]! / share);
}

/** Scales and zero points lie along one axis, or there is one of each. */
function alongAxis(x: Tensor, scale: Tensor, node: NodeReader): (index: number) => number {
  if (scale.values.length === 1) return () => 0;
  const axis = axisOf(node.int('axis', 1), x.dims.length, node);
  const size = x.dims[axis]!;
  if (scale.values.length !== size) node.fail('has scales in blocks, which are not supported');
  const stride = stridesOf(x.dims)[axis]!;
  return (i) => Math.floor(i / stride) % size;
}

function dequantize(x: Tensor, scale: Tensor, zero: Tensor | undefined, node: NodeReader): Tensor {
  const at = alongAxis(x, scale, node);
  return filled(
    'float',
    x.dims,
    node.where,
    (i) => (x.values[i]! - (zero?.values[at(i)] ?? 0)) * scale.values[at(i)]!,
  );
}

/** Codes of 8 bits; which 8, a zero point of a signed or an unsigned type says, but both clamp far from weights. */
function quantize(x: Tensor, scale: Tensor, zero: Tensor | undefined, node: NodeReader): Tensor {
  const at = alongAxis(x, scale, node);
  return filled('int', x.dims, node.where, (i) => {
    const exact = x.values[i]! / scale.values[at(i)]!;
    const down = Math.floor(exact);
    const even = exact - down === 0.5 ? down + (Math.abs(down) % 2) : Math.round(exact);
    return even + (zero?.values[at(i)] ?? 0);
  });
}
