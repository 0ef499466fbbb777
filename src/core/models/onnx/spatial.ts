/** Operators that move and gather pixels: pools, padding, resizing, parts of tensors and tensors of parts. */
import { AXES } from '../../ops/concat/graph';
import type { Pair, Shape, Sides } from '../../ops/shape';
import type { Part } from './fold';
import { axisOf, listOf, slices, splits } from './fold';
import type { Factor, Pinned, Value } from './layout';
import { dimsOf, factors, pinned, reordered, withGroups } from './layout';
import { addStep, plain } from './network';
import type { NodeReader } from './node';
import type { Handler, Operator } from './operator';
import { constantOf } from './operator';

import { image, imageValue, padStep, placedWindow, windowAttributes } from './weighted';

function pool(kind: 'maxPool2d' | 'averagePool2d'): Handler {
  return (operator) => {
    const { node } = operator;
    const value = operator.value(0);
    const window = windowAttributes(node, dimsOf(value), node.ints('kernel_shape'));
    const its = image(value, node);
    const [height, width, channels] = its.shape;
    const average = kind === 'averagePool2d';
    if (window.dilation.some((n) => n > 1))
      node.fail('has a dilated window; use a pool without dilation');
    const placed = placedWindow(node, [height, width], window);
    const padded = placed.padding !== 'valid';
    const counts = average && padded && node.int('count_include_pad', 0) !== 0;
    if (counts && window.ceil)
      node.fail(
        'counts padding where its last windows reach beyond it; set ceil_mode=False or count_include_pad=False',
      );
    // Our averages leave padding out: what counts it has zeros around its input.
    const step = counts ? padStep(its.step, placed.pads, node) : its.step;
    const shape: Shape = [...placed.output, channels];
    const made = addStep({
      op: kind,
      inputs: [step],
      shape,
      node,
      emit: plain({
        type: kind,
        pool: window.kernel,
        stride: window.stride,
        padding: counts ? 'valid' : placed.padding,
      }),
    });
    operator.give(imageValue(made, window.spatial, { axis: value.axes[1]!, memory: its.channels }));
  };
}

export const maxPool = pool('maxPool2d');
export const averagePool = pool('averagePool2d');

export const globalPool =
  (kind: 'globalAveragePool' | 'globalMaxPool'): Handler =>
  (operator) => {
    const value = operator.value(0);
    const axes = value.axes.map((_, axis) => axis).slice(2);
    pooled(operator, value, axes, true, kind);
  };

/** The mean or the largest value over some axes. */
function pooled(
  operator: Operator,
  value: Value,
  axes: readonly number[],
  keep: boolean,
  kind: 'globalAveragePool' | 'globalMaxPool',
): void {
  const { node } = operator;
  const dims = dimsOf(value);
  const gone = new Set(axes);
  const kept = (axis: readonly Factor[], i: number): readonly (readonly Factor[])[] =>
    gone.has(i) ? (keep ? [[]] : []) : [axis];
  const given = value.axes.flatMap(kept);
  const reduced = axes.filter((axis) => dims[axis]! > 1);
  if (reduced.length === 0) {
    operator.give({ ...value, axes: given });
    return;
  }
  const { value: its, groups } = withGroups(value, node);
  const lost = new Set(reduced.flatMap((axis) => its.axes[axis]!));
  const memory = its.memory.filter((factor) => !lost.has(factor));
  const state = groups.map((group) =>
    group.length === 0
      ? 'none'
      : group.every((factor) => lost.has(factor))
        ? 'all'
        : group.some((factor) => lost.has(factor))
          ? 'part'
          : 'kept',
  );
  const [height, width, channels] = its.step.shape;
  const [h, w, c] = state;
  if (state.includes('part'))
    return node.failLayout(`reduces a part of [${dims.join(', ')}] that does not lie in one piece`);
  if (c !== 'all' && h !== 'kept' && w !== 'kept') {
    const step = addStep({
      op: kind,
      inputs: [its.step],
      shape: [1, 1, channels],
      node,
      emit: plain({ type: kind }),
    });
    operator.give({ step, axes: given, memory });
    return;
  }
  if (c !== 'all') {
    // Rows or columns alone: an average or a maximum whose window is as long as they are.
    const window: Pair = [h === 'kept' ? 1 : height, w === 'kept' ? 1 : width];
    const shape: Shape = [height / window[0], width / window[1], channels];
    const type = kind === 'globalMaxPool' ? 'maxPool2d' : 'averagePool2d';
    const step = addStep({
      op: type,
      inputs: [its.step],
      shape,
      node,
      emit: plain({ type, pool: window, stride: window, padding: 'valid' }),
    });
    operator.give({ step, axes: given, memory });
    return;
  }
  const axesOfAll = AXES.filter((_, axis) => state[axis] === 'all');
  const step = addStep({
    // Which layer normalisations are spelled out with.
    op: kind === 'globalAveragePool' && axesOfAll.length === 1 ? 'channelMean' : 'reduce',
    inputs: [its.step],
    shape: [h === 'all' ? 1 : height, w === 'all' ? 1 : width, 1],
    node,
    emit: plain({
      type: kind === 'globalAveragePool' ? 'reduceMean' : 'reduceMax',
      axes: axesOfAll,
    }),
  });
  operator.give({ step, axes: given, memory });
}

export const reduce =
  (kind: 'globalAveragePool' | 'globalMaxPool'): Handler =>
  (operator) => {
    const { node } = operator;
    const value = operator.value(0);
    const given = node.axes(node.hasInput(1) ? constantOf(operator, 1, 'axes') : undefined) ?? [];
    const rank = value.axes.length;
    const axes =
      given.length === 0
        ? value.axes.map((_, axis) => axis)
        : given.map((axis) => axisOf(axis, rank, node));
    pooled(operator, value, axes, node.int('keepdims', 1) !== 0, kind);
  };

/** What is taken or given along an axis must be one of our three dimensions, whole and in order. */
function roleOf(
  value: Value,
  axis: number,
  node: NodeReader,
): { value: Value; role: 0 | 1 | 2; groups: Factor[][] } {
  let found = withGroups(value, node);
  const its = found.value.axes[axis]!;
  const role = (groups: readonly (readonly Factor[])[]): number =>
    groups.findIndex(
      (group) => group.length === its.length && group.every((factor, i) => factor === its[i]),
    );
  let at = its.length === 0 ? freeRole(found.groups) : role(found.groups);
  if (at < 0 && its.length > 0) {
    // The three dimensions may have been others before a reshape: one axis each.
    const axes = found.value.memory.map((factor) =>
      found.value.axes.findIndex((each) => each.includes(factor)),
    );
    const order = axes.filter((each, i) => axes.indexOf(each) === i);
    const whole = order.flatMap((each) => found.value.axes[each]!);
    if (order.length <= 3 && whole.every((factor, i) => factor === found.value.memory[i])) {
      const pad = [...Array.from({ length: 3 - order.length }, () => undefined), ...order];
      const [height, width, channels] = pad;
      const roles = { height, width, channels };
      const { step } = pinned(found.value, roles, node);
      found = withGroups({ ...found.value, step }, node);
      at = role(found.groups);
    }
  }
  if (at !== 0 && at !== 1 && at !== 2) {
    return node.failLayout(
      `works along axis ${axis} of [${dimsOf(value).join(', ')}], whose values do not lie in order in memory`,
    );
  }
  return { ...found, role: at };
}

function freeRole(groups: readonly (readonly Factor[])[]): number {
  return [2, 1, 0].find((role) => groups[role]!.length === 0) ?? -1;
}

/** A part of a tensor along some of its axes. */
function part(value: Value, parts: readonly Part[], node: NodeReader): Value {
  let its = value;
  parts.forEach(({ start, size, step: by }, axis) => {
    const all = dimsOf(its)[axis]!;
    if (start === 0 && size === all && by === 1) return;
    if (size < 1) node.fail('takes a part that is empty');
    if (by < 1) node.fail('takes a part backwards, which is not supported');
    const found = roleOf(its, axis, node);
    const { shape } = found.value.step;
    const now: Shape = [
      found.role === 0 ? size : shape[0],
      found.role === 1 ? size : shape[1],
      found.role === 2 ? size : shape[2],
    ];
    const at = (value: number, otherwise: number): [number, number, number] => [
      found.role === 0 ? value : otherwise,
      found.role === 1 ? value : otherwise,
      found.role === 2 ? value : otherwise,
    ];
    const { lastOf } = found.value.step;
    const isLast = lastOf !== undefined && found.role === 1 && start === all - 1;
    const step = isLast
      ? lastOf
      : addStep({
          op: 'slice',
          inputs: [found.value.step],
          shape: now,
          node,
          numbers: [found.role, start, size],
          emit: (network, inputs) =>
            network.slice(inputs, { begin: at(start, 0), size: now, step: at(by, 1) }),
        });
    const fresh = factors(size);
    const old = new Set(found.value.axes[axis]);
    const memory = found.groups.flatMap((group, role) =>
      role === found.role ? fresh : group.filter((factor) => !old.has(factor)),
    );
    its = { step, axes: found.value.axes.map((each, i) => (i === axis ? fresh : each)), memory };
  });
  return its;
}

export const slice: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  operator.give(part(value, slices(dimsOf(value), node), node));
};

export const split: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  splits(dimsOf(value), node).forEach((parts, output) => {
    if (operator.isRead(output)) operator.give(part(value, parts, node), output);
  });
};

export const gather: Handler = (operator) => {
  const { node } = operator;
  if (operator.isConstant(0))
    node.fail(
      'looks up rows of a table by what the network computes (an embedding), which is not supported',
    );
  const indices = constantOf(operator, 1, 'indices');
  const value = operator.value(0);
  const axis = axisOf(node.int('axis', 0), value.axes.length, node);
  const dims = dimsOf(value);
  const all = dims[axis]!;
  const list = listOf(indices).map((index) => (index < 0 ? index + all : index));
  const first = list[0];
  const by = (list[1] ?? first! + 1) - first!;
  if (
    first === undefined ||
    by < 1 ||
    list.some((index, i) => index !== first + i * by || index >= all || index < 0)
  ) {
    node.fail('gathers elements that are no even part of its input, which is not supported');
  }
  if (indices.dims.length > 1) node.fail('gathers by a matrix of indices, which is not supported');
  const taken = part(
    value,
    dims.map((size, i) =>
      i === axis ? { start: first, size: list.length, step: by } : { start: 0, size, step: 1 },
    ),
    node,
  );
  operator.give(
    indices.dims.length === 0 ? { ...taken, axes: taken.axes.filter((_, i) => i !== axis) } : taken,
  );
};

export const concat: Handler = (operator) => {
  const { node } = operator;
  const count = operator.inputs;
  const all = Array.from({ length: count }, (_, i) => {
    if (operator.isConstant(i))
      node.fail('joins what the network computes with constants, which is not supported');
    return operator.value(i);
  });
  const [first] = all;
  if (first === undefined) return node.fail('lacks an input');
  if (all.length === 1) return operator.give(first);
  const axis = axisOf(node.int('axis', 0), first.axes.length, node);
  const sizes = all.map((value) => dimsOf(value));
  if (
    sizes.some(
      (dims) =>
        dims.length !== sizes[0]!.length || dims.some((n, i) => i !== axis && n !== sizes[0]![i]),
    )
  ) {
    node.fail(
      `joins tensors of shapes ${sizes
        .map((dims) => `[${dims.join(', ')}]`)
        .slice(0, 4)
        .join(' and ')} along axis ${axis}`,
    );
  }
  // The one that says most about how they lie.
  const guide = all.reduce((best, value) =>
    value.memory.length > best.memory.length ? value : best,
  );
  const { value, role, groups } = roleOf(guide, axis, node);
  const axesOfRole = groups.map((group, i) =>
    i === role
      ? [axis]
      : value.axes.flatMap((each, a) => (each.some((factor) => group.includes(factor)) ? [a] : [])),
  );
  if (axesOfRole.some((axes) => axes.length > 1))
    node.failLayout('joins tensors of too many dimensions');
  const [height, width, channels] = axesOfRole.map(([only]) => only);
  const roles = { height, width, channels };
  const its: Pinned[] = all.map((each) => pinned(each, roles, node));
  if (its.some(({ channelOrder }) => channelOrder !== undefined)) {
    node.failLayout(
      'joins tensors whose channels lie in memory in another order than in the file (a flattened image?); join them before they are flattened',
    );
  }
  const total = sizes.reduce((sum, dims) => sum + dims[axis]!, 0);
  const shape = its[0]!.shape.map((n, i) => (i === role ? total : n)) as [number, number, number];
  const step = addStep({
    op: 'concat',
    inputs: its.map((each) => each.step),
    shape,
    node,
    numbers: [role],
    emit: (network, inputs) => network.concat(inputs, role),
  });
  const fresh = factors(total);
  const old = new Set(value.axes[axis]);
  operator.give({
    step,
    axes: value.axes.map((each, i) => (i === axis ? fresh : each)),
    memory: groups.flatMap((group, i) =>
      i === role ? fresh : group.filter((factor) => !old.has(factor)),
    ),
  });
};

export const pad: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  const dims = dimsOf(value);
  const mode = node.text('mode', 'constant');
  const given = node.hasInput(1) ? listOf(constantOf(operator, 1, 'pads')) : node.ints('pads');
  const number = node.hasInput(2)
    ? (constantOf(operator, 2, 'value').values[0] ?? 0)
    : node.float('value', 0);
  const axes = node.hasInput(3)
    ? listOf(constantOf(operator, 3, 'axes')).map((axis) => axisOf(axis, dims.length, node))
    : dims.map((_, axis) => axis);
  if (given.length !== 2 * axes.length) node.fail('has pads for another number of axes');
  let result = value;
  // What is cut off first.
  const cut = dims.map((size, axis) => {
    const i = axes.indexOf(axis);
    const [before, after] = i < 0 ? [0, 0] : [given[i]!, given[i + axes.length]!];
    return {
      start: Math.max(0, -before),
      size: size - Math.max(0, -before) - Math.max(0, -after),
      step: 1,
    };
  });
  result = part(result, cut, node);
  const added = axes.flatMap((axis, i) => {
    const [before, after] = [Math.max(0, given[i]!), Math.max(0, given[i + axes.length]!)];
    if (!Number.isInteger(before + after) || before + after > 65536) node.fail('has damaged pads');
    return before + after > 0 ? [{ axis, before, after }] : [];
  });
  if (added.length === 0) return operator.give(result);
  if (mode !== 'constant' || number !== 0) {
    node.fail(
      `pads with ${mode === 'constant' ? String(number) : `mode ${JSON.stringify(mode)}`}; zeros are supported`,
    );
  }
  let sides: Sides = [0, 0, 0, 0];
  let channelPads: readonly [number, number] = [0, 0];
  const fresh = new Map<number, Factor[]>();
  for (const { axis, before, after } of added) {
    const { value: its, role } = roleOf(result, axis, node);
    result = its;
    if (role === 0) sides = [before, after, sides[2], sides[3]];
    else if (role === 1) sides = [sides[0], sides[1], before, after];
    else channelPads = [before, after];
    fresh.set(axis, factors(dimsOf(result)[axis]! + before + after));
  }
  const { value: its, groups } = withGroups(result, node);
  const step = padStep(its.step, sides, node, channelPads);
  const roles = added.map(({ axis }) => roleOf(its, axis, node).role);
  const memory = groups.flatMap((group, role) => {
    const which = roles.indexOf(role as 0 | 1 | 2);
    return which < 0 ? group : fresh.get(added[which]!.axis)!;
  });
  operator.give({ step, axes: its.axes.map((axis, i) => fresh.get(i) ?? axis), memory });
};

export const resize: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  const dims = dimsOf(value);
  if (dims.length !== 4 && dims.length !== 3)
    node.fail(`resizes a tensor of ${dims.length} dimensions; images are supported`);
  const target = resizedDims(operator, dims);
  const changed = dims.flatMap((n, axis) => (target[axis] !== n ? [axis] : []));
  if (changed.length === 0) return operator.give(value);
  const mode = node.text('mode', 'nearest');
  const coordinates = node.text(
    'coordinate_transformation_mode',
    node.type === 'Upsample' || node.opset < 11 ? 'asymmetric' : 'half_pixel',
  );
  const nearest = mode === 'nearest';
  if (!nearest && mode !== 'linear')
    node.fail(`has mode ${JSON.stringify(mode.slice(0, 20))}; nearest and linear are supported`);
  const whole = changed.every((axis) => target[axis]! % dims[axis]! === 0);
  const rounding = node.text('nearest_mode', 'round_prefer_floor');
  const half = coordinates === 'half_pixel' || coordinates === 'pytorch_half_pixel';
  const corners = coordinates === 'align_corners';
  if (!half && !corners && coordinates !== 'asymmetric')
    node.fail(
      `has coordinates ${JSON.stringify(coordinates.slice(0, 30))}, which are not supported`,
    );
  // Upwards by whole numbers every rule that rounds from half a pixel, or down from its corner, copies each pixel.
  const copies =
    nearest &&
    whole &&
    ((half && rounding.startsWith('round_prefer')) ||
      (coordinates === 'asymmetric' && rounding === 'floor'));
  if (nearest && !copies && !(coordinates === 'asymmetric' && rounding === 'floor')) {
    node.fail(
      `takes the nearest pixel by ${coordinates} and ${rounding}; asymmetric and floor are supported, or whole factors`,
    );
  }
  const roles = dims.map((n, axis) =>
    (n > 1 || target[axis]! > 1) && changed.includes(axis)
      ? roleOf(value, axis, node).role
      : undefined,
  );
  if (roles.includes(2)) node.failLayout('resizes channels');
  const its = withGroups(value, node);
  const { shape } = its.value.step;
  let [height, width] = shape;
  roles.forEach((role, axis) => {
    if (role === 0) height = target[axis]!;
    if (role === 1) width = target[axis]!;
  });
  const now: Shape = [height, width, shape[2]];
  const step = addStep({
    op: 'resize',
    inputs: [its.value.step],
    shape: now,
    node,
    emit: (network, inputs) =>
      network.resize(inputs, {
        size: [height, width],
        mode: nearest ? 'nearest' : 'bilinear',
        centers: half && !nearest ? 'half' : corners ? 'corners' : 'none',
      }),
  });
  const fresh = dims.map((_, axis) =>
    changed.includes(axis) ? factors(target[axis]!) : undefined,
  );
  const memory = its.groups.flatMap((group, role) => {
    const axis = roles.findIndex((each) => each === role);
    return axis < 0 ? group : fresh[axis]!;
  });
  operator.give({ step, axes: its.value.axes.map((axis, i) => fresh[i] ?? axis), memory });
};

/** What a Resize or Upsample makes of these dimensions. */
function resizedDims(operator: Operator, dims: readonly number[]): number[] {
  const { node } = operator;
  const old = node.type === 'Upsample' || node.opset < 11;
  const [scalesAt, sizesAt] = old ? [1, -1] : [2, 3];
  const axes = node.has('axes')
    ? node.ints('axes').map((axis) => axisOf(axis, dims.length, node))
    : dims.map((_, axis) => axis);
  const list = (index: number, what: string): number[] =>
    index >= 0 && node.hasInput(index) ? listOf(constantOf(operator, index, what)) : [];
  const scales = old && node.has('scales') ? [...node.floats('scales')] : list(scalesAt, 'scales');
  const sizes = list(sizesAt, 'sizes');
  const given =
    sizes.length > 0
      ? sizes
      : scales.map((scale, i) => Math.floor(dims[axes[i] ?? 0]! * scale + 1e-6));
  if (
    given.length !== axes.length ||
    !given.every((n) => Number.isInteger(n) && n >= 1 && n <= 65536)
  ) {
    node.fail('has damaged scales or sizes');
  }
  return dims.map((n, axis) => (axes.includes(axis) ? given[axes.indexOf(axis)]! : n));
}

export const depthToSpace: Handler = (operator) => {
  const { node } = operator;
  const value = operator.value(0);
  const block = node.int('blocksize', 0);
  const dims = dimsOf(value);
  const channels = dims[1] ?? 0;
  if (dims.length !== 4 || !(block >= 1) || channels % (block * block) !== 0)
    node.fail(`makes blocks of ${block} of [${dims.join(', ')}]`);
  const deep = channels / (block * block);
  const [a, b, c] = [factors(block), factors(block), factors(deep)];
  // In the file's order of channels; in memory they must lie as row, column, channel.
  const order = node.text('mode', 'DCR') === 'CRD' ? [...c, ...a, ...b] : [...a, ...b, ...c];
  const whole = pinned(value, { channels: 1, height: 2, width: 3 }, node);
  if (whole.channelOrder !== undefined)
    node.failLayout('takes channels apart that were put in another order');
  const outer = [...factors(whole.shape[0]), ...factors(whole.shape[1])];
  const seen: Value = { step: whole.step, axes: [outer, order], memory: [...outer, ...order] };
  const wanted = [...outer, ...a, ...b, ...c];
  if (wanted.some((factor, i) => factor !== seen.memory[i]) && !reordered(seen, wanted)) {
    node.failLayout(
      'takes blocks out of channels in the order of mode "CRD" of what no convolution just before it computes, which is not supported',
    );
  }
  const shape: Shape = [whole.shape[0] * block, whole.shape[1] * block, deep];
  const step = addStep({
    op: 'depthToSpace',
    inputs: [whole.step],
    shape,
    node,
    emit: plain({ type: 'depthToSpace', block }),
  });
  operator.give(imageValue(step, 2));
};

/** At the network's end. */
export const argMax: Handler = (operator) => {
  const { node } = operator;
  const { value, groups } = withGroups(operator.value(0), node);
  const axis = axisOf(node.int('axis', 0), value.axes.length, node);
  const its = value.axes[axis]!;
  const channels = groups[2]!;
  if (its.length !== channels.length || !its.every((factor, i) => factor === channels[i])) {
    node.failLayout(
      `looks for the largest along axis ${axis} of [${dimsOf(value).join(', ')}]; over the channels is supported`,
    );
  }
  if (node.int('select_last_index', 0) !== 0)
    node.fail('takes the last of several largest; the first is supported');
  const [height, width] = value.step.shape;
  const step = addStep({
    op: 'argmax',
    inputs: [value.step],
    shape: [height, width, 1],
    node,
    emit: plain({ type: 'argmax' }),
  });
  const lost = new Set(its);
  const keep = node.int('keepdims', 1) !== 0;
  operator.give({
    step,
    axes: value.axes.flatMap((each, i) => (i === axis ? (keep ? [[]] : []) : [each])),
    memory: value.memory.filter((factor) => !lost.has(factor)),
  });
};
