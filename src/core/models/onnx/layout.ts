/**
 * How tensors lie in memory. ONNX networks are mostly written channels first, here channels lie innermost; what a file
 * transposes and reshapes in between moves no data. So every axis of a tensor is known by the factors it is made of: a
 * transpose orders axes anew, a reshape joins or splits them, and `memory` says in which order their factors lie. Only
 * operators with a meaning for their axes look there, and permute their weights where channels lie in another order.
 */
import type { Shape } from '../../ops/shape';
import { elements } from '../../ops/shape';
import type { NodeReader } from './node';
import type { Step } from './network';
import { addStep } from './network';
import type { Tensor } from './tensor';
import { broadcast, strided, stridesOf } from './tensor';

/** A part of an axis, known by its identity. */
export interface Factor {
  readonly size: number;
}

/** A tensor that the network computes. */
export interface Value {
  readonly step: Step;
  /** For each dimension its factors, slowest first; none where its size is 1. */
  readonly axes: readonly (readonly Factor[])[];
  /** All factors, slowest first. */
  readonly memory: readonly Factor[];
}

export function factors(size: number): Factor[] {
  return size === 1 ? [] : [{ size }];
}

function sizeOf(axis: readonly Factor[]): number {
  return axis.reduce((product, { size }) => product * size, 1);
}

export function dimsOf({ axes }: Value): number[] {
  return axes.map(sizeOf);
}

/** A tensor of these dimensions, the axes lying in memory in this order. */
export function valueOf(step: Step, dims: readonly number[], order: readonly number[]): Value {
  const axes = dims.map(factors);
  return { step, axes, memory: order.flatMap((axis) => axes[axis] ?? []) };
}

export function transposed(value: Value, order: readonly number[]): Value {
  return { ...value, axes: order.map((axis) => value.axes[axis]!) };
}

/** The same numbers with other dimensions. */
export function reshaped(value: Value, dims: readonly number[], node: NodeReader): Value {
  const split = new Map<Factor, readonly Factor[]>();
  const left = value.axes.flat();
  const axes: Factor[][] = [];
  for (const size of dims) {
    const axis: Factor[] = [];
    let open = size;
    while (open > 1) {
      const next = left.shift();
      if (next === undefined) return node.fail('makes a tensor of another size');
      if (open % next.size === 0) {
        axis.push(next);
        open /= next.size;
      } else if (next.size % open === 0) {
        const parts = [{ size: open }, { size: next.size / open }] as const;
        // What was split before is split further.
        const whole = [...split].find(([, its]) => its.includes(next));
        if (whole)
          split.set(
            whole[0],
            whole[1].flatMap((part) => (part === next ? parts : [part])),
          );
        else split.set(next, parts);
        axis.push(parts[0]);
        left.unshift(parts[1]);
        open = 1;
      } else {
        return regrouped(value, dims, node);
      }
    }
    axes.push(axis);
  }
  const memory = value.memory.flatMap((factor) => split.get(factor) ?? [factor]);
  return { ...value, axes, memory };
}

/** A reshape whose sizes share no factors: nothing moves only where the tensor lies in the order of its axes. */
function regrouped(value: Value, dims: readonly number[], node: NodeReader): Value {
  const order = value.axes.flat();
  if (!sameOrder(order, value.memory)) {
    node.failLayout(
      `makes [${dims.join(', ')}] of [${dimsOf(value).join(', ')}], which would have to move values in memory; leave the reshape out of the network`,
    );
  }
  const size = elements(dims);
  const step = shapedAs(value.step, [1, 1, size], node);
  return valueOf(
    step,
    dims,
    dims.map((_, axis) => axis),
  );
}

function sameOrder(a: readonly Factor[], b: readonly Factor[]): boolean {
  return a.length === b.length && a.every((factor, i) => factor === b[i]);
}

/** What stands where: the axes that are height, width and channels of a tensor. */
export interface Roles {
  readonly height?: number | undefined;
  readonly width?: number | undefined;
  readonly channels?: number | undefined;
}

export interface Pinned {
  readonly step: Step;
  readonly shape: Shape;
  /** For each channel in memory, which one it is of the file's; absent where they are in order. */
  readonly channelOrder?: readonly number[];
  /** The factors of the channels in the order of memory. */
  readonly channels: readonly Factor[];
}

/** Makes sure that the axes lie in memory as height, width and channels do; all others must be of size 1. */
export function pinned(value: Value, roles: Roles, node: NodeReader): Pinned {
  const axis = (role: number | undefined): readonly Factor[] =>
    role === undefined ? [] : (value.axes[role] ?? []);
  const [height, width, channels] = [axis(roles.height), axis(roles.width), axis(roles.channels)];
  const known = new Set([...height, ...width, ...channels]);
  const dims = dimsOf(value);
  if (value.memory.some((factor) => !known.has(factor))) {
    node.failLayout(
      `reads a tensor of shape [${dims.join(', ')}], of which more axes are larger than 1 than are supported here; the batch must be 1`,
    );
  }
  const inner = new Set(channels);
  const outer = [...height, ...width];
  const found = value.memory.slice(0, outer.length);
  const rest = value.memory.slice(outer.length);
  if (!sameOrder(found, outer) || !rest.every((factor) => inner.has(factor))) {
    const moved = [...outer, ...channels];
    if (!reordered(value, moved)) {
      node.failLayout(
        `reads a tensor of shape [${dims.join(', ')}] that would have to be transposed in memory first, which is not supported`,
      );
    }
    return pinned({ ...value, memory: moved }, roles, node);
  }
  const shape: Shape = [sizeOf(height), sizeOf(width), sizeOf(channels)];
  const step = shapedAs(value.step, shape, node);
  if (sameOrder(rest, channels)) return { step, shape, channels };
  return { step, shape, channels: rest, channelOrder: orderOf(rest, channels) };
}

/** For each element of an axis as it lies in memory, which one it is in the file. */
export function orderOf(memory: readonly Factor[], axis: readonly Factor[]): number[] {
  const strides = stridesOf(axis.map(({ size }) => size));
  return Array.from(
    strided(
      memory.map(({ size }) => size),
      memory.map((factor) => strides[axis.indexOf(factor)]!),
    ),
  );
}

/** What a layer has just made may as well be made with its channels in another order, which costs nothing. */
export function reordered(value: Value, memory: readonly Factor[]): boolean {
  const { step } = value;
  const pixels = step.shape[0] * step.shape[1];
  let place = 0;
  for (let product = 1; product < pixels; place++) {
    const factor = value.memory[place];
    if (factor === undefined || factor !== memory[place]) return false;
    product *= factor.size;
    if (product > pixels) return false;
  }
  return reorderChannels(step, orderOf(memory.slice(place), value.memory.slice(place)));
}

function reorderChannels(step: Step, order: readonly number[]): boolean {
  const chain = [step];
  for (;;) {
    const last = chain.at(-1)!;
    if (last.shared || last.shape[2] !== order.length) return false;
    if (!last.elementwise) {
      if (last.reorder === undefined) return false;
      break;
    }
    const [before, ...others] = last.inputs;
    if (before === undefined || others.length > 0) return false;
    if (last.operand !== undefined && last.reorder === undefined) return false;
    chain.push(before);
  }
  chain.forEach((its) => its.reorder?.(order));
  return true;
}

/** The same bytes with another shape. */
export function shapedAs(step: Step, shape: Shape, node: NodeReader): Step {
  if (step.shape.every((n, i) => n === shape[i])) return step;
  const flat = shape[0] === 1 && shape[1] === 1;
  const source = step.reshapeOf ?? step;
  if (source.shape.every((n, i) => n === shape[i])) return source;
  return addStep({
    op: flat ? 'flatten' : 'reshape',
    inputs: [source],
    shape,
    node,
    reshapeOf: source,
    emit: (network, inputs) =>
      network.layer(
        flat ? { type: 'flatten' } : { type: 'reshape', size: [shape[0], shape[1]] },
        inputs,
      ),
  });
}

/** Which of its axes lie where in a step's shape, by sizes; what is of size 1 lies nowhere. */
function grouped({ step, memory }: Value): Factor[][] | undefined {
  const left = [...memory];
  const groups = step.shape.map((size) => {
    const group: Factor[] = [];
    while (sizeOf(group) < size && left.length > 0) group.push(left.shift()!);
    return sizeOf(group) === size ? group : undefined;
  });
  return groups.every((group) => group !== undefined) ? groups : undefined;
}

/**
 * The value with a shape whose three dimensions each are whole factors. Reshapes may have split a dimension or joined two:
 * then its memory is looked at anew, its last axis as channels.
 */
export function withGroups(value: Value, node: NodeReader): { value: Value; groups: Factor[][] } {
  const found = grouped(value);
  if (found !== undefined) return { value, groups: found };
  const { memory } = value;
  const groups = [memory.slice(0, -2), memory.slice(-2, -1), memory.slice(-1)];
  const shape: Shape = [sizeOf(groups[0]!), sizeOf(groups[1]!), sizeOf(groups[2]!)];
  return { value: { ...value, step: shapedAs(value.step, shape, node) }, groups };
}

/** A constant operand of an element-wise operator, in the shape and order of the tensor beside it. */
export function operand(
  value: Value,
  groups: readonly (readonly Factor[])[],
  tensor: Tensor,
  node: NodeReader,
): { shape: Shape; values: Float32Array } {
  const dims = dimsOf(value);
  const all = broadcast(dims, tensor.dims);
  if (all === undefined || all.length !== dims.length || all.some((n, axis) => n !== dims[axis])) {
    node.fail(
      `combines a tensor of shape [${dims.join(', ')}] with a constant of shape [${tensor.dims.join(', ')}], which is larger`,
    );
  }
  // Strides of the constant by factor of the tensor; 0 where it is the same along it.
  const own = stridesOf(tensor.dims);
  const skip = dims.length - tensor.dims.length;
  const strides = new Map<Factor, number>();
  value.axes.forEach((axis, i) => {
    const size = tensor.dims[i - skip] ?? 1;
    const inner = stridesOf(axis.map((factor) => factor.size));
    axis.forEach((factor, f) => strides.set(factor, size === 1 ? 0 : own[i - skip]! * inner[f]!));
  });
  const kept = groups.map((group) =>
    group.some((factor) => strides.get(factor) !== 0) ? group : [],
  );
  const from = strided(
    kept.flat().map(({ size }) => size),
    kept.flat().map((factor) => strides.get(factor)!),
  );
  const shape: Shape = [sizeOf(kept[0]!), sizeOf(kept[1]!), sizeOf(kept[2]!)];
  return { shape, values: Float32Array.from(from, (at) => tensor.values[at]!) };
}

/** Two tensors that are combined element by element: the second in factors of the first, which it may lack. */
export function aligned(
  a: Value,
  b: Value,
  node: NodeReader,
): { readonly a: Value; readonly b: Value } {
  const rank = Math.max(a.axes.length, b.axes.length);
  const widened = (value: Value): Value => ({
    ...value,
    axes: [...Array.from({ length: rank - value.axes.length }, () => []), ...value.axes],
  });
  const [x, y] = [widened(a), widened(b)];
  const dims = [dimsOf(x), dimsOf(y)] as const;
  const same = x.axes.map((_, axis) => {
    const [n, m] = [dims[0][axis]!, dims[1][axis]!];
    if (n !== m && n !== 1 && m !== 1) {
      node.fail(`combines tensors of shapes [${dims[0].join(', ')}] and [${dims[1].join(', ')}]`);
    }
    return n === m;
  });
  const refined = (value: Value, by: Value): Value => {
    const finer = value.axes.flatMap((axis, i) =>
      same[i] ? common(axis, by.axes[i]!) : axis.map(({ size }) => size),
    );
    return reshapedInPlace(value, finer, node);
  };
  const [p, q] = [refined(x, y), refined(y, x)];
  const names = new Map<Factor, Factor>();
  q.axes.forEach(
    (axis, i) => same[i] && axis.forEach((factor, f) => names.set(factor, p.axes[i]![f] ?? factor)),
  );
  const renamed = (factor: Factor): Factor => names.get(factor) ?? factor;
  return {
    a: p,
    b: { ...q, axes: q.axes.map((axis) => axis.map(renamed)), memory: q.memory.map(renamed) },
  };
}

/** Sizes of the factors that both can be split into. */
function common(a: readonly Factor[], b: readonly Factor[]): number[] {
  const ends = (axis: readonly Factor[]): number[] => {
    let product = 1;
    return axis.toReversed().map(({ size }) => (product *= size));
  };
  const all = [...new Set([...ends(a), ...ends(b)])].sort((x, y) => x - y);
  return all.map((end, i) => end / (all[i - 1] ?? 1)).reverse();
}

/** The same axes, of factors of these sizes. */
function reshapedInPlace(value: Value, sizes: readonly number[], node: NodeReader): Value {
  const flat = reshaped(value, sizes, node);
  const left = [...flat.axes];
  const axes = value.axes.map((axis) => {
    const open = sizeOf(axis);
    const its: Factor[] = [];
    while (sizeOf(its) < open) its.push(...left.shift()!);
    return its;
  });
  return { ...flat, axes };
}

/** The tensor as it lies if its factors came in the order of these; false where it is in another. */
export function liesAs(value: Value, memory: readonly Factor[]): Value | undefined {
  const own = new Set(value.memory);
  const wanted = memory.filter((factor) => own.has(factor));
  if (sameOrder(wanted, value.memory)) return value;
  return wanted.length === value.memory.length && reordered(value, wanted)
    ? { ...value, memory: wanted }
    : undefined;
}
