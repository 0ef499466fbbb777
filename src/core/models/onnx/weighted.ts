/** Operators with weights, which are stored in the order of our layers whatever order the file has. */
import type { TrainedLayer } from '../../quant/quantize-model';
import type { Padding, Pair, Shape, Sides } from '../../ops/shape';
import type { Factor, Pinned, Value } from './layout';
import { dimsOf, factors, pinned } from './layout';
import type { Emitter, Step } from './network';
import { addStep } from './network';
import type { NodeReader } from './node';
import type { Handler, Operator } from './operator';
import { constantOf } from './operator';
import type { Tensor } from './tensor';
import { strided, transposed } from './tensor';

/** Weights that may still change until the layer is made: biases are added, channels are put in another order. */
export interface Weights {
  values: Float32Array;
  bias: Float32Array;
  /** Which dimension of the storage order is the output channel. */
  readonly channel: 'first' | 'last';
}

/** Steps whose weights may take over a factor and a summand for each channel. */
const OWNED = new WeakMap<Step, Weights>();

export function ownedBy(step: Step): Weights | undefined {
  return OWNED.get(step);
}

export function weightedStep(
  step: Omit<Step, 'shared' | 'reorder' | 'emit'>,
  weights: Weights,
  emit: (network: Emitter, inputs: readonly string[], weights: TrainedLayer) => string,
): Step {
  const made = addStep({
    ...step,
    reorder: (order) => {
      weights.bias = Float32Array.from(order, (c) => weights.bias[c]!);
      weights.values = channelsIn(weights, order);
    },
    emit: (network, inputs) =>
      emit(network, inputs, { weights: weights.values, bias: weights.bias }),
  });
  OWNED.set(made, weights);
  return made;
}

/** A layer of the same kind on the same input, with each channel times a factor, and a summand. */
export function scaled(
  step: Step,
  factor: Float32Array | undefined,
  summand: Float32Array | undefined,
): Step {
  const weights = OWNED.get(step)!;
  const each = weights.values.length / weights.bias.length;
  const of = (i: number): number =>
    weights.channel === 'first' ? Math.floor(i / each) : i % weights.bias.length;
  const own: Weights = {
    channel: weights.channel,
    values: factor ? weights.values.map((v, i) => v * factor[of(i)]!) : weights.values,
    bias: weights.bias.map((b, c) => b * (factor?.[c] ?? 1) + (summand?.[c] ?? 0)),
  };
  const emitter = EMITS.get(step)!;
  const made = weightedStep({ ...step }, own, emitter);
  EMITS.set(made, emitter);
  return made;
}

type Emit = Parameters<typeof weightedStep>[2];
const EMITS = new WeakMap<Step, Emit>();

function scalable(
  step: Omit<Step, 'shared' | 'reorder' | 'emit'>,
  weights: Weights,
  emit: Emit,
): Step {
  const made = weightedStep(step, weights, emit);
  EMITS.set(made, emit);
  return made;
}

function channelsIn(weights: Weights, order: readonly number[]): Float32Array {
  const { values, bias, channel } = weights;
  const each = values.length / bias.length;
  return values.map((_, i) =>
    channel === 'first'
      ? values[order[Math.floor(i / each)]! * each + (i % each)]!
      : values[i - (i % bias.length) + order[i % bias.length]!]!,
  );
}

function biasOf(operator: Operator, index: number, channels: number): Float32Array {
  const { node } = operator;
  if (!node.hasInput(index)) return new Float32Array(channels);
  const { values } = constantOf(operator, index, 'biases');
  if (values.length !== channels && values.length !== 1) {
    node.fail(`has ${values.length} biases for ${channels} channels`);
  }
  return Float32Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
}

/** The rows of a matrix [inputs, outputs] as the network's input lies in memory, and [outputs, inputs] as layers store it. */
function denseWeights(matrix: Tensor, { channelOrder }: Pinned): Float32Array {
  const [inputs, units] = matrix.dims as [number, number];
  const weights = new Float32Array(inputs * units);
  for (let i = 0; i < inputs; i++) {
    const row = channelOrder?.[i] ?? i;
    for (let u = 0; u < units; u++) weights[u * inputs + i] = matrix.values[row * units + u]!;
  }
  return weights;
}

/** A matrix product over the last axis: a dense layer, or for several rows a convolution of one pixel. */
function product(operator: Operator, value: Value, matrix: Tensor, bias: Float32Array): void {
  const { node } = operator;
  const dims = dimsOf(value);
  const last = dims.length - 1;
  const [inputs, units] = matrix.dims;
  if (
    inputs === undefined ||
    units === undefined ||
    matrix.dims.length !== 2 ||
    inputs !== dims[last]
  ) {
    node.fail(
      `multiplies a tensor of shape [${dims.join(', ')}] with weights of shape [${matrix.dims.join(', ')}]`,
    );
  }
  const outer = dims.flatMap((n, axis) => (n > 1 && axis !== last ? [axis] : []));
  if (outer.length > 2)
    node.failLayout(`reads a tensor of shape [${dims.join(', ')}], which has too many axes`);
  const [height, width] = outer.length === 2 ? outer : [undefined, outer[0]];
  const input = pinned(value, { channels: last, height, width }, node);
  const weights: Weights = { values: denseWeights(matrix, input), bias, channel: 'first' };
  const dense = outer.length === 0;
  const shape: Shape = [input.shape[0], input.shape[1], units];
  const step = scalable(
    { op: dense ? 'dense' : 'conv2d', inputs: [input.step], shape, node },
    weights,
    (network, inputs, owned) =>
      network.layer(
        dense
          ? { type: 'dense', units, batchNorm: false }
          : { type: 'conv2d', filters: units, kernel: 1, padding: 'valid', batchNorm: false },
        inputs,
        { weights: owned },
      ),
  );
  const channels = factors(units);
  const axes = [...value.axes.slice(0, last), channels];
  operator.give({ step, axes, memory: [...axesIn(value, outer), ...channels] });
}

function axesIn(value: Value, axes: readonly number[]): Factor[] {
  return axes.flatMap((axis) => value.axes[axis]!);
}

export const matMul: Handler = (operator) => {
  const { node } = operator;
  if (operator.isConstant(0) || !operator.isConstant(1)) {
    node.fail(
      'multiplies two tensors that the network computes, or weights from the left, which is not supported; of products only those with constant weights from the right are',
    );
  }
  const value = operator.value(0);
  const matrix = constantOf(operator, 1, 'weights');
  const dims = matrix.dims.slice(-2);
  if (matrix.values.length !== dims.reduce((p, n) => p * n, 1))
    node.fail('has a stack of weights, which is not supported');
  product(operator, value, { ...matrix, dims }, new Float32Array(dims[1] ?? 0));
};

export const gemm: Handler = (operator) => {
  const { node } = operator;
  if (operator.isConstant(0) || !operator.isConstant(1)) {
    node.fail(
      'multiplies two tensors that the network computes, which is not supported; one with constant weights is',
    );
  }
  if (node.int('transA', 0) !== 0) node.fail('transposes its input, which is not supported');
  const raw = constantOf(operator, 1, 'weights');
  if (raw.dims.length !== 2) node.fail('has weights that are no matrix');
  const matrix = node.int('transB', 0) === 0 ? raw : transposed(raw, [1, 0]);
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
  const bias = biasOf(operator, 2, matrix.dims[1]!).map((b) => b * beta);
  const values = alpha === 1 ? matrix.values : matrix.values.map((v) => v * alpha);
  product(operator, operator.value(0), { ...matrix, values }, bias);
};

/** A window of an operator with one or two spatial axes, as two. */
export interface WindowAttributes {
  readonly spatial: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
  readonly autoPad: string;
  readonly ceil: boolean;
}

/** @param kernel sizes of the window, one for each spatial axis */
export function windowAttributes(
  node: NodeReader,
  dims: readonly number[],
  kernel: readonly number[],
): WindowAttributes {
  const spatial = dims.length - 2;
  if (spatial < 1 || spatial > 2 || kernel.length !== spatial) {
    node.fail(`has ${Math.max(0, spatial)} spatial axes; one and two are supported`);
  }
  const two = (list: readonly number[], otherwise: number): Pair => {
    const all = list.length === 0 ? new Array<number>(spatial).fill(otherwise) : list;
    if (all.length !== spatial || !all.every((n) => Number.isInteger(n) && n >= 1 && n <= 65536)) {
      node.fail(`has a window of [${all.slice(0, 4).join(', ')}], which is damaged`);
    }
    return spatial === 2 ? [all[0]!, all[1]!] : [1, all[0]!];
  };
  const pads = node.ints('pads');
  if (pads.length !== 0 && pads.length !== 2 * spatial) node.fail('has damaged pads');
  if (!pads.every((n) => Number.isInteger(n) && n >= 0 && n <= 65536))
    node.fail('has negative or damaged pads');
  const [top = 0, left = 0, bottom = 0, right = 0] =
    spatial === 2 ? pads : [0, pads[0], 0, pads[1]];
  return {
    spatial,
    kernel: two(kernel, 1),
    stride: two(node.ints('strides'), 1),
    dilation: two(node.ints('dilations'), 1),
    pads: [top, bottom, left, right],
    autoPad: node.text('auto_pad', 'NOTSET'),
    ceil: node.int('ceil_mode', 0) !== 0,
  };
}

export interface PlacedWindow {
  readonly padding: Padding;
  readonly pads: Sides;
  /** Height and width of the output. */
  readonly output: Pair;
}

/** Where the window goes over an input of this height and width. */
export function placedWindow(
  node: NodeReader,
  size: Pair,
  window: WindowAttributes,
  more: Sides = [0, 0, 0, 0],
): PlacedWindow {
  const { kernel, stride, dilation, autoPad } = window;
  const extent = [0, 1].map((i) => (kernel[i]! - 1) * dilation[i]! + 1) as [number, number];
  const same = [0, 1].map((i) => {
    const output = Math.ceil(size[i]! / stride[i]!);
    const total = Math.max(0, (output - 1) * stride[i]! + extent[i]! - size[i]!);
    const [less, rest] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return {
      output,
      before: autoPad === 'SAME_LOWER' ? rest : less,
      after: autoPad === 'SAME_LOWER' ? less : rest,
    };
  });
  const asSame: Sides = [same[0]!.before, same[0]!.after, same[1]!.before, same[1]!.after];
  let pads: Sides = [0, 0, 0, 0];
  if (autoPad === 'NOTSET' || autoPad === '') pads = window.pads;
  else if (autoPad.startsWith('SAME_')) pads = asSame;
  else if (autoPad !== 'VALID')
    node.fail(`has auto_pad ${JSON.stringify(autoPad.slice(0, 20))}, which is not supported`);
  const all = pads.map((n, i) => n + more[i]!) as [number, number, number, number];
  const output = [0, 1].map((i) => {
    const open = size[i]! + all[2 * i]! + all[2 * i + 1]! - extent[i]!;
    let count = (window.ceil ? Math.ceil(open / stride[i]!) : Math.floor(open / stride[i]!)) + 1;
    // No window may begin behind the input.
    if (window.ceil && (count - 1) * stride[i]! >= size[i]! + all[2 * i]!) count--;
    // What the last window covers beyond.
    const reach = (count - 1) * stride[i]! + extent[i]! - size[i]! - all[2 * i]!;
    if (window.ceil && reach > all[2 * i + 1]!) all[2 * i + 1] = reach;
    return count;
  }) as [number, number];
  if (output.some((n) => !(n >= 1)))
    node.fail(
      `has a window of ${extent.join('×')} that is larger than its input of ${size.join('×')}`,
    );
  const natural =
    all.every((n, i) => n === asSame[i]) &&
    same.every((axis, i) => axis.output === output[i]) &&
    autoPad !== 'SAME_LOWER';
  if (all.every((n) => n === 0)) return { padding: 'valid', pads: all, output };
  return { padding: natural ? 'same' : all, pads: all, output };
}

/** The input of an operator that reads [batch, channels, one or two spatial axes]. */
export function image(value: Value, node: NodeReader): Pinned {
  const rank = value.axes.length;
  if (rank !== 3 && rank !== 4)
    node.fail(
      `reads a tensor of ${rank} dimensions; [batch, channels, height, width] and [batch, channels, time] are supported`,
    );
  return rank === 3
    ? pinned(value, { channels: 1, width: 2 }, node)
    : pinned(value, { channels: 1, height: 2, width: 3 }, node);
}

/** A tensor [batch, channels, spatial axes] that a step makes, channels innermost. */
export function imageValue(
  step: Step,
  spatial: number,
  channels?: { axis: readonly Factor[]; memory: readonly Factor[] },
): Value {
  const [height, width] = [factors(step.shape[0]), factors(step.shape[1])];
  const its = channels ?? { axis: factors(step.shape[2]), memory: [] };
  const inner = channels === undefined ? its.axis : its.memory;
  return {
    step,
    axes: spatial === 2 ? [[], its.axis, height, width] : [[], its.axis, width],
    memory: [...height, ...width, ...inner],
  };
}

/** A step that does nothing but put zeros around its input, and what of it a window behind it may take over. */
interface ZeroPad {
  readonly source: Step;
  readonly pads: Sides;
}

const ZERO_PADS = new WeakMap<Step, ZeroPad>();

export function padStep(
  source: Step,
  pads: Sides,
  node: NodeReader,
  channels: readonly [number, number] = [0, 0],
): Step {
  const [height, width, depth] = source.shape;
  const [top, bottom, left, right] = pads;
  const step = addStep({
    op: 'pad',
    inputs: [source],
    shape: [height + top + bottom, width + left + right, depth + channels[0] + channels[1]],
    node,
    emit: (network, inputs) => network.pad(inputs, pads, channels),
  });
  if (channels[0] + channels[1] === 0) ZERO_PADS.set(step, { source, pads });
  return step;
}

export const conv: Handler = (operator) => {
  const { node } = operator;
  const weights = constantOf(operator, 1, 'weights');
  const value = operator.value(0);
  const [filters = 0, perGroup = 0, ...kernel] = weights.dims;
  const window = windowAttributes(node, dimsOf(value), kernel);
  const padded = image(value, node);
  const zero = ZERO_PADS.get(padded.step);
  const joins = zero !== undefined && !window.autoPad.startsWith('SAME');
  const inputStep = joins ? zero.source : padded.step;
  const [height, width, channels] = inputStep.shape;
  const placed = placedWindow(node, [height, width], window, joins ? zero.pads : undefined);
  const groups = node.int('group', 1);
  if (channels !== perGroup * groups || groups < 1 || filters % groups !== 0) {
    node.fail(
      `has weights of shape [${weights.dims.join(', ')}] in ${groups} groups for ${channels} channels`,
    );
  }
  const shape: Shape = [...placed.output, filters];
  const bias = biasOf(operator, 2, filters);
  const { stride, dilation } = window;
  const settings = {
    kernel: window.kernel,
    stride,
    padding: placed.padding,
    batchNorm: false,
    ...(dilation.some((n) => n > 1) ? { dilation } : {}),
  };
  const [kernelHeight, kernelWidth] = window.kernel;
  const area = kernelHeight * kernelWidth;
  if (groups > 1 && perGroup === 1) {
    const multiplier = filters / groups;
    const order = padded.channelOrder;
    if (order && multiplier > 1)
      node.failLayout(
        'has a depth multiplier on channels that were put in another order, which is not supported',
      );
    // [filters, 1, height, width] to [height, width, filters].
    const from = strided([area, filters], [1, area]);
    const own: Weights = {
      values: Float32Array.from(from, (at) => weights.values[at]!),
      bias,
      channel: 'last',
    };
    if (order) {
      own.values = channelsIn(own, order);
      own.bias = Float32Array.from(order, (c) => bias[c]!);
    }
    const step = scalable(
      { op: 'depthwiseConv2d', inputs: [inputStep], shape, node },
      own,
      (network, inputs, owned) =>
        network.layer(
          { type: 'depthwiseConv2d', ...settings, ...(multiplier > 1 ? { multiplier } : {}) },
          inputs,
          { weights: owned },
        ),
    );
    const kept = multiplier === 1 ? { axis: value.axes[1]!, memory: padded.channels } : undefined;
    operator.give(imageValue(step, window.spatial, kept));
    return;
  }
  const order = padded.channelOrder;
  if (order && groups > 1)
    node.failLayout(
      'has groups of channels that were put in another order, which is not supported',
    );
  // [filters, channels, height, width] to [filters, height, width, channels].
  const from = strided([filters, area, perGroup], [perGroup * area, 1, area]);
  const values = Float32Array.from(from, (at, i) => {
    const c = i % perGroup;
    return weights.values[order ? at + (order[c]! - c) * area : at]!;
  });
  const made = (input: Step, own: Weights): Step =>
    scalable({ op: 'conv2d', inputs: [input], shape, node }, own, (network, inputs, owned) =>
      network.layer(
        { type: 'conv2d', filters, ...settings, ...(groups > 1 ? { groups } : {}) },
        inputs,
        { weights: owned },
      ),
    );
  const step = made(inputStep, { values, bias, channel: 'first' });
  operator.give(imageValue(step, window.spatial));
};

export const convTranspose: Handler = (operator) => {
  const { node } = operator;
  const weights = constantOf(operator, 1, 'weights');
  const value = operator.value(0);
  const dims = dimsOf(value);
  const [channels = 0, filters = 0, ...kernel] = weights.dims;
  const window = windowAttributes(node, dims, kernel);
  const input = image(value, node);
  if (node.int('group', 1) !== 1)
    node.fail('has groups, which are not supported in a transposed convolution');
  if (window.dilation.some((n) => n > 1))
    node.fail('is dilated, which is not supported in a transposed convolution');
  if (channels !== input.shape[2])
    node.fail(`has weights for ${channels} channels, its input ${input.shape[2]}`);
  const more = pairOf(node.ints('output_padding'), window.spatial, 0, node);
  const wanted = node.ints('output_shape').slice(-window.spatial);
  // What all windows cover, of which the padding is cut off.
  const whole = [0, 1].map(
    (i) => (input.shape[i]! - 1) * window.stride[i]! + window.kernel[i]!,
  ) as [number, number];
  const size = wanted.length > 0 ? pairOf(wanted, window.spatial, 1, node) : undefined;
  let pads = window.pads;
  const same = window.autoPad.startsWith('SAME');
  if (size !== undefined || same) {
    const cut = [0, 1].map((i) => {
      const output = size?.[i] ?? input.shape[i]! * window.stride[i]!;
      const total = Math.max(0, whole[i]! + more[i]! - output);
      const less = Math.floor(total / 2);
      return window.autoPad === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
    });
    pads = [cut[0]![0]!, cut[0]![1]!, cut[1]![0]!, cut[1]![1]!];
  } else if (window.autoPad === 'VALID') {
    pads = [0, 0, 0, 0];
  }
  const output = [0, 1].map((i) => whole[i]! + more[i]! - pads[2 * i]! - pads[2 * i + 1]!) as [
    number,
    number,
  ];
  if (output.some((n) => n < 1)) node.fail('puts out nothing');
  // What is cut off at the sides of all that the windows cover. Where zeros are added instead, windows are larger by zeros.
  const cut = [pads[0], pads[1] - more[0], pads[2], pads[3] - more[1]] as const;
  const [lower, wider] = [Math.max(0, -cut[1]), Math.max(0, -cut[3])];
  const [rows, columns] = window.kernel;
  const widened: Pair = [rows + lower, columns + wider];
  const values = new Float32Array(filters * widened[0] * widened[1] * channels);
  for (let f = 0; f < filters; f++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        // [channels, filters, height, width] to [filters, height, width, channels].
        const to = ((f * widened[0] + y) * widened[1] + x) * channels;
        for (let c = 0; c < channels; c++) {
          const from = input.channelOrder?.[c] ?? c;
          values[to + c] = weights.values[((from * filters + f) * rows + y) * columns + x]!;
        }
      }
    }
  }
  const shape: Shape = [...output, filters];
  const step = scalable(
    { op: 'conv2dTranspose', inputs: [input.step], shape, node },
    { values, bias: biasOf(operator, 2, filters), channel: 'first' },
    (network, inputs, owned) =>
      network.layer(
        {
          type: 'conv2dTranspose',
          filters,
          kernel: widened,
          stride: window.stride,
          padding: [cut[0], Math.max(0, cut[1]), cut[2], Math.max(0, cut[3])],
          batchNorm: false,
        },
        inputs,
        { weights: owned },
      ),
  );
  operator.give(imageValue(step, window.spatial));
};

function pairOf(
  list: readonly number[],
  spatial: number,
  otherwise: number,
  node: NodeReader,
): Pair {
  if (list.length === 0) return [otherwise, otherwise];
  const fits =
    list.length === spatial && list.every((n) => Number.isInteger(n) && n >= 0 && n <= 65536);
  if (!fits) node.fail('has damaged sizes');
  return spatial === 2 ? [list[0]!, list[1]!] : [otherwise, list[0]!];
}
