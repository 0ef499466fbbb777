/** What the config would say of each of Keras's layers. */
import { INPUT } from '../../graph/graph';
import type { LayerConfig } from '../../ops/graph-ops';
import { layerTypes } from '../../ops/graph-ops';
import type { Shape, Sides } from '../../ops/shape';
import { elements, sameShape } from '../../ops/shape';
import type { TrainedLayer } from '../../quant/quantize-model';
import { UserError } from '../../util/errors';
import type { NormalizationHint } from '../model';
import type { NetworkBuilder } from '../network-builder';
import type { KerasCall, KerasLayer } from './network';
import { functionName, Settings } from './settings';
import type { Tensor } from './tensor';
import type { WeightStore } from './weight-store';

/** What a call of a layer puts out. */
export interface Value {
  /** INPUT, or the layer that computes it. */
  readonly layer: string;
  /** As Keras has it, without the batch: one to three dimensions. */
  readonly shape: readonly number[];
  /** Zeros around it that are in `shape` and that nothing has added yet: a convolution can do it itself. */
  readonly padding?: Sides;
}

/** What a network is made with. */
export interface Making {
  readonly builder: NetworkBuilder;
  readonly weights: WeightStore;
  /** Whether nothing but this call reads the network's input. */
  readsInputAlone(call: KerasCall): boolean;
  /** Told what the network did to its input first, which is not part of it then. */
  normalized(hint: NormalizationHint): void;
}

type Reader = (node: Node) => Value;

/** One call of a layer with all that its reader needs. */
class Node {
  readonly layer: KerasLayer;
  readonly where: string;
  readonly settings: Settings;
  readonly inputs: readonly Value[];
  readonly making: Making;
  readonly alone: boolean;

  constructor(call: KerasCall, inputs: readonly Value[], making: Making) {
    this.layer = call.layer;
    this.where = titleOf(call.layer);
    this.settings = new Settings(call.layer.config, this.where);
    this.inputs = inputs;
    this.making = making;
    this.alone = inputs[0]?.layer === INPUT && making.readsInputAlone(call);
  }

  /** The only input. */
  get input(): Value {
    const [input] = this.inputs;
    if (input === undefined || this.inputs.length !== 1) {
      return this.fail(`reads ${this.inputs.length} tensors; one is supported`);
    }
    return input;
  }

  get channels(): number {
    return this.input.shape.at(-1) ?? 1;
  }

  fail(message: string): never {
    throw new UserError(`${this.where} ${message}.`);
  }

  /** Channels come last here as in TFLite. */
  checkChannelsLast(): void {
    if (this.settings.text('data_format', 'channels_last') === 'channels_last') return;
    this.fail(
      'has data_format "channels_first". Build the network with "channels_last" and set the same weights',
    );
  }

  /** The tensors of Keras's names, which must have these dimensions. */
  tensors(named: Readonly<Record<string, readonly number[]>>, part?: string): Tensor[] {
    const names = Object.keys(named);
    const found = this.making.weights.of(this.layer, names, part);
    return names.map((name, i) => {
      const tensor = found[i];
      const wanted = named[name] ?? [];
      if (tensor === undefined) {
        return this.fail(`lacks its ${name} in the file: it was saved before it had weights`);
      }
      if (tensor.shape.length !== wanted.length || tensor.shape.some((n, d) => n !== wanted[d])) {
        return this.fail(
          `should have a ${name} of [${wanted.join(', ')}]; in the file it has [${tensor.shape.join(', ')}]`,
        );
      }
      return tensor;
    });
  }

  /** Adds a layer whose values lie as `shape` says. */
  add<C extends { readonly type: string }>(
    config: C,
    shape: readonly number[],
    more: {
      readonly inputs?: readonly Value[];
      readonly weights?: TrainedLayer;
      readonly constants?: Readonly<Record<string, Float32Array>>;
      readonly wanted?: string;
    } = {},
  ): Value {
    const { inputs = this.inputs, wanted = this.layer.name, ...rest } = more;
    const name = this.making.builder.add({
      config: this.known(config),
      wanted,
      inputs: inputs.map(({ layer }) => layer),
      where: this.where,
      outputShape: planeOf(shape),
      ...rest,
    });
    return { layer: name, shape };
  }

  /** Which layers can be computed depends on the tables of operations alone. */
  known<C extends { readonly type: string }>(config: C): LayerConfig {
    if (isLayerConfig(config)) return config;
    const missing = unknownKey(config);
    const what = missing === undefined ? config.type : `${missing} of a ${config.type}`;
    return this.fail(`needs ${what}, which is not supported`);
  }

  /** The input as an image of its own shape: what was reshaped on the way may lie as it lay before. */
  plane(value = this.input): Value {
    if (value.padding !== undefined) {
      const { padding, ...unpadded } = value;
      const wanted = `${this.layer.name}_pad`;
      return this.add({ type: 'pad', pads: padding }, value.shape, { inputs: [unpadded], wanted });
    }
    const shape = planeOf(value.shape);
    if (sameShape(this.making.builder.shapeOf(value.layer), shape)) return value;
    const [height, width] = shape;
    return this.add({ type: 'reshape', size: [height, width] }, value.shape, {
      inputs: [value],
      wanted: `${this.layer.name}_reshape`,
    });
  }

  /** What an activation, by Keras's name or by a layer of its config, makes of a value. */
  activated(value: Value, activation = functionName(this.settings.any('activation'))): Value {
    const wanted = `${this.layer.name}_${activation}`;
    if (activation === 'linear') return value;
    if (activation === 'relu' || activation === 'relu6') return this.clamp(value, activation);
    const config = ACTIVATIONS.get(activation);
    if (config === undefined || !isLayerConfig(config)) {
      const known = [...ACTIVATIONS].filter(([, its]) => isLayerConfig(its)).map(([name]) => name);
      return this.fail(
        `has the activation "${activation}"; supported are relu, relu6, ${known.join(', ')}. Train the network with one of those`,
      );
    }
    return this.add(config, value.shape, { inputs: [this.plane(value)], wanted });
  }

  clamp(value: Value, clamp: 'relu' | 'relu6'): Value {
    const { builder } = this.making;
    const wanted = `${this.layer.name}_${clamp}`;
    const layer = builder.activation({ input: value.layer, clamp, wanted, where: this.where });
    return { ...value, layer };
  }

  /** γ·(x − mean)/√(variance + ε) + β over the channels. */
  scaled(norm: {
    readonly gamma: Float32Array;
    readonly beta: Float32Array;
    readonly mean: Float32Array;
    readonly variance: Float32Array;
    readonly epsilon: number;
  }): Value {
    const value = this.plane();
    const { builder } = this.making;
    const request = { ...norm, input: value.layer, wanted: this.layer.name, where: this.where };
    return { layer: builder.batchNorm(request), shape: value.shape };
  }

  /** [units, inputs] or [filters, …, inputs] of what Keras has the other way round, and its bias. */
  weightsOf(kernel: Tensor, bias: Tensor | undefined): TrainedLayer {
    const outputs = kernel.shape.at(-1) ?? 1;
    return {
      weights: transposed(kernel.values, outputs),
      bias: bias?.values ?? new Float32Array(outputs),
    };
  }

  get hasBias(): boolean {
    return this.settings.flag('use_bias', true);
  }
}

/** By Keras's names, besides the clamps. */
const ACTIVATIONS: ReadonlyMap<string, { readonly type: string }> = new Map([
  ['softmax', { type: 'softmax' }],
  ['sigmoid', { type: 'sigmoid' }],
  ['tanh', { type: 'tanh' }],
  ['elu', { type: 'elu' }],
  ['hard_silu', { type: 'hardSwish' }],
  ['hard_swish', { type: 'hardSwish' }],
  ['leaky_relu', { type: 'leakyRelu', slope: 0.2 }],
]);

/** Values that only training changes: nothing at inference. */
const IDENTITIES = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'RandomBrightness',
  'RandomContrast',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout1D',
  'SpatialDropout2D',
];

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...IDENTITIES.map((name): [string, Reader] => [name, (node) => node.input]),
  ['Activation', (node) => node.activated(node.input)],
  ['Add', (node) => folded(node, 'add')],
  ['Average', average],
  ['AveragePooling1D', (node) => pool(node, 'averagePool2d', 1)],
  ['AveragePooling2D', (node) => pool(node, 'averagePool2d', 2)],
  ['BatchNormalization', batchNormalization],
  ['Concatenate', concatenate],
  ['Conv1D', (node) => convolution(node, 1)],
  ['Conv1DTranspose', (node) => transposedConvolution(node, 1)],
  ['Conv2D', (node) => convolution(node, 2)],
  ['Conv2DTranspose', (node) => transposedConvolution(node, 2)],
  ['Cropping1D', (node) => cropping(node, 1)],
  ['Cropping2D', (node) => cropping(node, 2)],
  ['Dense', dense],
  ['DepthwiseConv1D', (node) => depthwise(node, 1)],
  ['DepthwiseConv2D', (node) => depthwise(node, 2)],
  ['ELU', elu],
  ['Flatten', flatten],
  ['GRU', gru],
  ['GlobalAveragePooling1D', (node) => globalPool(node, 'globalAveragePool')],
  ['GlobalAveragePooling2D', (node) => globalPool(node, 'globalAveragePool')],
  ['GlobalMaxPooling1D', (node) => globalPool(node, 'globalMaxPool')],
  ['GlobalMaxPooling2D', (node) => globalPool(node, 'globalMaxPool')],
  ['LSTM', lstm],
  ['LeakyReLU', leakyRelu],
  ['MaxPooling1D', (node) => pool(node, 'maxPool2d', 1)],
  ['MaxPooling2D', (node) => pool(node, 'maxPool2d', 2)],
  ['Multiply', (node) => folded(node, 'mul')],
  ['Normalization', normalization],
  ['PReLU', prelu],
  ['Permute', permute],
  ['ReLU', relu],
  ['Rescaling', rescaling],
  ['Reshape', reshape],
  ['SeparableConv1D', (node) => separable(node, 1)],
  ['SeparableConv2D', (node) => separable(node, 2)],
  ['Softmax', softmax],
  ['Subtract', (node) => folded(node, 'sub')],
  ['UpSampling1D', (node) => upSampling(node, 1)],
  ['UpSampling2D', (node) => upSampling(node, 2)],
  ['ZeroPadding1D', (node) => zeroPadding(node, 1)],
  ['ZeroPadding2D', (node) => zeroPadding(node, 2)],
]);

/** What to build a network with instead of layers that cannot be read. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['Lambda', 'Use layers of Keras that do the same; a function in a file is not run.'],
  ['Bidirectional', 'Use one direction: a network on a chip cannot see what is to come.'],
  ['TimeDistributed', 'Use Conv1D with kernel_size=1 in place of a Dense layer at each step.'],
  ['MultiHeadAttention', 'Use convolutions or an LSTM or GRU.'],
  ['Attention', 'Use convolutions or an LSTM or GRU.'],
  ['Embedding', 'Look vectors up before the network and give it those.'],
  ['Masking', 'Give sequences of one length.'],
  ['GroupNormalization', 'Use BatchNormalization, which costs nothing on the chip.'],
  ['SimpleRNN', 'Use LSTM or GRU.'],
  ['Resizing', 'Resize examples before they are given to the network, and leave the layer out.'],
  ['CenterCrop', 'Crop examples before they are given to the network, and leave the layer out.'],
]);

/** Whether layers of a class can be read, unless their options say otherwise. */
export function isSupported({ className, module }: KerasLayer): boolean {
  return className === 'InputLayer' || (READERS.has(className) && !isForeign(module));
}

/** What a call puts out, as layers added to the builder. @throws UserError naming layer, class and what to change */
export function readCall(call: KerasCall, inputs: readonly Value[], making: Making): Value {
  const { className, module } = call.layer;
  const read = READERS.get(className);
  const where = titleOf(call.layer);
  if (read === undefined || isForeign(module)) {
    const own = isForeign(module) ? ' is a class of your own and' : '';
    const instead =
      INSTEAD.get(className) ??
      `Supported are ${[...READERS.keys()].filter((name) => !IDENTITIES.includes(name)).join(', ')}.`;
    throw new UserError(`${where}${own} is not supported. ${instead}`);
  }
  if (call.hasConstants) {
    throw new UserError(
      `${where} computes with a number of its own. Use layers of Keras instead, Rescaling for a factor and an offset.`,
    );
  }
  return read(new Node(call, inputs, making));
}

function titleOf({ scope, className }: KerasLayer): string {
  return `Layer "${scope.join('/')}" (${className})`;
}

/** Of neither Keras nor one of its functions. */
function isForeign(module: string): boolean {
  return module !== '' && !/^(keras|tf_keras|tensorflow|builtins)\b/.test(module);
}

function isLayerConfig(config: { readonly type: string }): config is LayerConfig {
  return layerTypes().some(({ type }) => type === config.type) && unknownKey(config) === undefined;
}

/** The first key that no layer of the type takes. */
function unknownKey(config: { readonly type: string }): string | undefined {
  const op = layerTypes().find(({ type }) => type === config.type)?.op;
  const keys = new Set(['type', ...(op?.keys ?? []).map(({ name }) => name)]);
  return op && Object.keys(config).find((key) => !keys.has(key));
}

/** Keras's dimensions as height, width and channels: vectors and sequences lie in one row. */
export function planeOf(shape: readonly number[]): Shape {
  const [height = 1, width = 1, channels = 1] = [...[1, 1, 1].slice(shape.length), ...shape];
  return [height, width, channels];
}

/** Rows become columns: `values` has `columns` of them in a row. */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c]!;
  }
  return result;
}

/** Keras's shape of a layer's output, whose plane has so many dimensions. */
function shapeFrom(plane: Shape, dimensions: 1 | 2): number[] {
  return dimensions === 1 ? [plane[1], plane[2]] : [...plane];
}

/** How a window moves, as the config has it. */
function windowOf(
  node: Node,
  dimensions: 1 | 2,
): {
  readonly kernel: [number, number];
  readonly stride: [number, number];
  readonly padding: 'same' | 'valid' | 'causal' | Sides;
  readonly dilation?: [number, number];
} {
  const { settings } = node;
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const padding = settings.text('padding', 'valid').toLowerCase();
  if (padding !== 'same' && padding !== 'valid' && padding !== 'causal') {
    node.fail(`has padding "${padding}"; same, valid and causal are supported`);
  }
  const { padding: around } = node.input;
  const kernel = settings.pair('kernel_size', dimensions);
  const stride = settings.pair('strides', dimensions, 1);
  const dilation = settings.pair('dilation_rate', dimensions, 1);
  return {
    kernel,
    stride,
    padding: padding === 'valid' && around !== undefined ? around : padding,
    ...(dilation.some((n) => n > 1) ? { dilation } : {}),
  };
}

function checkDimensions(node: Node, dimensions: 1 | 2): void {
  if (node.input.shape.length === dimensions + 1) return;
  node.fail(`reads [${node.input.shape.join(', ')}]; it needs ${dimensions + 1} dimensions`);
}

/** What the builder says the output of a convolution is: it knows windows, and Keras's files have no shapes of outputs. */
function outputOf(node: Node, layer: string, dimensions: 1 | 2): Value {
  return { layer, shape: shapeFrom(node.making.builder.shapeOf(layer), dimensions) };
}

function weighted<C extends { readonly type: string; readonly padding?: unknown }>(
  node: Node,
  config: C,
  weights: TrainedLayer,
  dimensions: 1 | 2,
  { input = windowed(node, config), wanted = node.layer.name } = {},
): Value {
  const layer = node.making.builder.add({
    config: node.known(config),
    wanted,
    inputs: [input.layer],
    where: node.where,
    weights,
  });
  return outputOf(node, layer, dimensions);
}

/** What a window moves over: without the padding that it does itself. */
function windowed(node: Node, config: { readonly padding?: unknown }): Value {
  const { input } = node;
  if (input.padding === undefined || config.padding !== input.padding) return node.plane();
  return { layer: input.layer, shape: input.shape };
}

function convolution(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const filters = settings.size('filters');
  const groups = settings.number('groups', 1);
  if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0) {
    node.fail(`has ${groups} groups, which cannot share ${channels} channels`);
  }
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const [kernel, bias] = node.tensors({
    kernel: [...size, channels / groups, filters],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const config = {
    type: 'conv2d',
    filters,
    ...window,
    ...(groups > 1 ? { groups } : {}),
    batchNorm: false,
  };
  return node.activated(weighted(node, config, node.weightsOf(kernel!, bias), dimensions));
}

function depthwise(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const multiplier = settings.number('depth_multiplier', 1);
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const outputs = channels * multiplier;
  // Keras 2 has its own name for it.
  const names = node.making.weights.of(node.layer, ['kernel'])[0] ? 'kernel' : 'depthwise_kernel';
  const [kernel, bias] = node.tensors({
    [names]: [...size, channels, multiplier],
    ...(node.hasBias ? { bias: [outputs] } : {}),
  });
  const config = depthwiseConfig(window, multiplier);
  const weights = { weights: kernel!.values, bias: bias?.values ?? new Float32Array(outputs) };
  return node.activated(weighted(node, config, weights, dimensions));
}

function depthwiseConfig(
  window: ReturnType<typeof windowOf>,
  multiplier: number,
): { readonly type: string; readonly padding: unknown } {
  const config = { type: 'depthwiseConv2d', ...window, batchNorm: false };
  return multiplier > 1 ? { ...config, ...{ multiplier } } : config;
}

/** A depthwise convolution without a bias, and a pointwise one behind it. */
function separable(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const window = windowOf(node, dimensions);
  const multiplier = settings.number('depth_multiplier', 1);
  const filters = settings.size('filters');
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const middle = channels * multiplier;
  const [depth, point, bias] = node.tensors({
    depthwise_kernel: [...size, channels, multiplier],
    pointwise_kernel: [...size.map(() => 1), middle, filters],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const between = weighted(
    node,
    depthwiseConfig(window, multiplier),
    { weights: depth!.values, bias: new Float32Array(middle) },
    dimensions,
    { wanted: `${node.layer.name}_depthwise` },
  );
  const config = { type: 'conv2d', filters, kernel: [1, 1], padding: 'valid', batchNorm: false };
  const weights = node.weightsOf(point!, bias);
  return node.activated(weighted(node, config, weights, dimensions, { input: between }));
}

function transposedConvolution(node: Node, dimensions: 1 | 2): Value {
  const { settings, channels } = node;
  const { dilation, ...window } = windowOf(node, dimensions);
  const filters = settings.size('filters');
  if (dilation !== undefined) node.fail('has a dilation, which is not supported. Leave it out');
  if (settings.has('output_padding')) {
    node.fail('has an output_padding, which is not supported. Leave it out');
  }
  const size = dimensions === 1 ? window.kernel.slice(1) : window.kernel;
  const [kernel, bias] = node.tensors({
    kernel: [...size, filters, channels],
    ...(node.hasBias ? { bias: [filters] } : {}),
  });
  const weights = {
    weights: outputsFirst(kernel!.values, filters, channels),
    bias: bias?.values ?? new Float32Array(filters),
  };
  const config = { type: 'conv2dTranspose', filters, ...window, batchNorm: false };
  return node.activated(weighted(node, config, weights, dimensions));
}

/** [positions, outputs, inputs] as [outputs, positions, inputs]. */
function outputsFirst(values: Float32Array, outputs: number, inputs: number): Float32Array {
  const positions = values.length / (outputs * inputs);
  const result = new Float32Array(values.length);
  for (let p = 0; p < positions; p++) {
    for (let o = 0; o < outputs; o++) {
      const from = (p * outputs + o) * inputs;
      result.set(values.subarray(from, from + inputs), (o * positions + p) * inputs);
    }
  }
  return result;
}

/** Over the last dimension: of images and sequences at each place, which is a convolution of one pixel. */
function dense(node: Node): Value {
  const { settings, input, channels } = node;
  const units = settings.size('units');
  const [kernel, bias] = node.tensors({
    kernel: [channels, units],
    ...(node.hasBias ? { bias: [units] } : {}),
  });
  const weights = node.weightsOf(kernel!, bias);
  const shape = [...input.shape.slice(0, -1), units];
  const places = elements(shape.slice(0, -1));
  const inputs = [input.padding === undefined ? input : node.plane()];
  const value =
    places === 1
      ? node.add({ type: 'dense', units, batchNorm: false }, shape, { weights, inputs })
      : node.add(
          { type: 'conv2d', filters: units, kernel: [1, 1], padding: 'valid', batchNorm: false },
          shape,
          { weights, inputs: [node.plane()] },
        );
  return node.activated(value);
}

function batchNormalization(node: Node): Value {
  const { settings, channels, input } = node;
  const [axis = -1] = settings.numbers('axis', [-1]);
  if (axis !== -1 && axis !== input.shape.length) {
    node.fail(`normalises over axis ${axis}; only the last, the channels, is supported`);
  }
  const [center, scale] = [settings.flag('center', true), settings.flag('scale', true)];
  const found = node.tensors({
    ...(scale ? { gamma: [channels] } : {}),
    ...(center ? { beta: [channels] } : {}),
    moving_mean: [channels],
    moving_variance: [channels],
  });
  const values = found.map((tensor) => tensor.values);
  const [mean, variance] = values.slice(-2);
  return node.scaled({
    gamma: scale ? values[0]! : filled(channels, 1),
    beta: center ? values[scale ? 1 : 0]! : filled(channels, 0),
    mean: mean!,
    variance: variance!,
    epsilon: settings.number('epsilon', 1e-3),
  });
}

function filled(length: number, value: number): Float32Array {
  return new Float32Array(length).fill(value);
}

/** What is done to the input first is left to `dataset.normalize`; elsewhere it is a factor and an offset per channel. */
function rescaling(node: Node): Value {
  const { settings, channels } = node;
  const spread = (key: string, fallback?: number): number[] => {
    const numbers = settings.numbers(key, fallback === undefined ? undefined : [fallback]);
    if (numbers.length === 1) return new Array<number>(channels).fill(numbers[0] ?? 0);
    return numbers.length === channels
      ? numbers
      : node.fail(`has ${numbers.length} values as its ${key}, its input ${channels} channels`);
  };
  const [scale, offset] = [spread('scale'), spread('offset', 0)];
  if (node.alone && scale.every((factor) => factor > 0)) {
    node.making.normalized({
      mean: shortened(scale.map((factor, c) => -offset[c]! / factor + 0)),
      std: shortened(scale.map((factor) => 1 / factor)),
      from: `the layer "${node.layer.name}" (Rescaling), which is left out of the network`,
    });
    return node.input;
  }
  return node.scaled({
    gamma: Float32Array.from(scale),
    beta: Float32Array.from(offset),
    mean: filled(channels, 0),
    variance: filled(channels, 1),
    epsilon: 0,
  });
}

function normalization(node: Node): Value {
  const { settings, channels, input } = node;
  if (settings.flag('invert', false)) node.fail('inverts, which is not supported');
  const axes = settings.has('axis') ? settings.numbers('axis') : [];
  if (axes.length > 1 || axes.some((axis) => axis !== -1 && axis !== input.shape.length)) {
    node.fail(`normalises over the axes ${axes.join(', ')}; only the last is supported`);
  }
  const said = settings.has('mean') && settings.has('variance');
  const [mean, variance] = said
    ? [settings.numbers('mean'), settings.numbers('variance')]
    : node.tensors({ mean: [channels], variance: [channels] }).map(({ values }) => [...values]);
  const each = (values: readonly number[] = []): number[] =>
    Array.from({ length: channels }, (_, c) => values[values.length === 1 ? 0 : c] ?? 0);
  const std = each(variance).map((value) => Math.max(Math.sqrt(value), 1e-7));
  if (node.alone) {
    node.making.normalized({
      mean: shortened(each(mean)),
      std: shortened(std),
      from: `the layer "${node.layer.name}" (Normalization), which is left out of the network`,
    });
    return input;
  }
  return node.scaled({
    gamma: filled(channels, 1),
    beta: filled(channels, 0),
    mean: Float32Array.from(each(mean)),
    variance: Float32Array.from(std, (value) => value ** 2),
    epsilon: 0,
  });
}

/** One number where all are the same. */
function shortened(values: readonly number[]): readonly number[] {
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}

function lstm(node: Node): Value {
  return recurrent(node, 'lstm', 4, (units) => ({ bias: [4 * units] }));
}

/** With its state reset behind its weights, which have biases of their own then. */
function gru(node: Node): Value {
  if (!node.settings.flag('reset_after', true)) {
    node.fail('has reset_after=False; only True, the default of Keras, is supported');
  }
  return recurrent(node, 'gru', 3, (units) => ({ bias: [2, 3 * units] }));
}

/** Gates lie in the order that our layers have them in. */
function recurrent(
  node: Node,
  type: string,
  gates: number,
  biasShape: (units: number) => { readonly bias: readonly number[] },
): Value {
  const { settings, input, channels } = node;
  if (input.shape.length !== 2) node.fail('needs a sequence of vectors: two dimensions');
  const units = settings.size('units');
  const functions = [
    ['activation', 'tanh'],
    ['recurrent_activation', 'sigmoid'],
  ] as const;
  for (const [key, wanted] of functions) {
    const name = settings.has(key) ? functionName(settings.any(key)) : wanted;
    if (name !== wanted) node.fail(`has the ${key} "${name}"; "${wanted}" is supported`);
  }
  for (const key of ['go_backwards', 'stateful', 'return_state'] as const) {
    if (settings.flag(key, false)) node.fail(`has ${key}=True, which is not supported`);
  }
  const rows = gates * units;
  const [kernel, states, bias] = node.tensors(
    {
      kernel: [channels, rows],
      recurrent_kernel: [units, rows],
      ...(node.hasBias ? biasShape(units) : {}),
    },
    'cell',
  );
  const weights = new Float32Array(rows * (channels + units));
  const parts = [transposed(kernel!.values, rows), transposed(states!.values, rows)] as const;
  for (let row = 0; row < rows; row++) {
    const start = row * (channels + units);
    weights.set(parts[0].subarray(row * channels, (row + 1) * channels), start);
    weights.set(parts[1].subarray(row * units, (row + 1) * units), start + channels);
  }
  // Biases of the input's weights, then those of the state's.
  const biases = new Float32Array(2 * rows);
  if (bias !== undefined) biases.set(bias.values);
  const returnSequences = settings.flag('return_sequences', false);
  const shape = returnSequences ? [input.shape[0] ?? 1, units] : [units];
  return node.add({ type, units, returnSequences }, shape, {
    inputs: [node.plane()],
    weights: { weights, bias: biases },
  });
}

function pool(node: Node, type: string, dimensions: 1 | 2): Value {
  const { settings } = node;
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const size = settings.pair('pool_size', dimensions, 2);
  const stride = settings.has('strides') ? settings.pair('strides', dimensions) : size;
  const padding = settings.text('padding', 'valid').toLowerCase();
  const layer = node.making.builder.add({
    config: node.known({ type, pool: size, stride, padding }),
    wanted: node.layer.name,
    inputs: [node.plane().layer],
    where: node.where,
  });
  return outputOf(node, layer, dimensions);
}

function globalPool(node: Node, type: string): Value {
  node.checkChannelsLast();
  const { input, channels, settings } = node;
  const places = input.shape.slice(0, -1).map(() => 1);
  const shape = settings.flag('keepdims', false) ? [...places, channels] : [channels];
  return node.add({ type }, shape, { inputs: [node.plane()] });
}

function relu(node: Node): Value {
  const { settings, input } = node;
  const slope = settings.numbers('negative_slope', [0])[0] ?? 0;
  const most = settings.has('max_value') ? settings.numbers('max_value')[0] : undefined;
  if ((settings.numbers('threshold', [0])[0] ?? 0) !== 0) {
    node.fail('has a threshold other than 0, which is not supported');
  }
  if (slope !== 0) {
    if (most !== undefined) node.fail('has a slope and a largest value; only one is supported');
    return node.add({ type: 'leakyRelu', slope }, input.shape, { inputs: [node.plane()] });
  }
  if (most === undefined) return node.clamp(input, 'relu');
  if (most === 6) return node.clamp(input, 'relu6');
  return node.fail(`has the largest value ${most}; 6 and none are supported`);
}

function leakyRelu(node: Node): Value {
  const { settings, input } = node;
  // Keras 2 calls it alpha.
  const key = settings.has('alpha') ? 'alpha' : 'negative_slope';
  const slope = settings.numbers(key, [0.3])[0] ?? 0.3;
  return node.add({ type: 'leakyRelu', slope }, input.shape, { inputs: [node.plane()] });
}

function elu(node: Node): Value {
  const alpha = node.settings.numbers('alpha', [1])[0] ?? 1;
  if (alpha !== 1) node.fail(`has alpha ${alpha}; only 1 is supported`);
  return node.activated(node.input, 'elu');
}

function prelu(node: Node): Value {
  const { settings, input, channels } = node;
  const shared = settings.has('shared_axes') ? settings.numbers('shared_axes') : [];
  const shape = input.shape.map((n, i) => (shared.includes(i + 1) ? 1 : n));
  if (elements(shape) !== channels || shape.at(-1) !== channels) {
    node.fail(
      `has slopes of [${shape.join(', ')}]; one for each channel is supported. Set shared_axes to all axes but the last`,
    );
  }
  const [alpha] = node.tensors({ alpha: shape });
  return node.add({ type: 'prelu', constant: 'channel' }, input.shape, {
    inputs: [node.plane()],
    constants: { operand: alpha!.values },
  });
}

function softmax(node: Node): Value {
  const [axis = -1] = node.settings.numbers('axis', [-1]);
  if (axis !== -1 && axis !== node.input.shape.length) {
    node.fail(`is over axis ${axis}; only the last is supported`);
  }
  return node.activated(node.input, 'softmax');
}

function flatten(node: Node): Value {
  node.checkChannelsLast();
  return reshaped(node, [elements(node.input.shape)]);
}

function reshape(node: Node): Value {
  const target = node.settings.numbers('target_shape');
  const count = elements(node.input.shape);
  const rest = target.filter((n) => n !== -1).reduce((product, n) => product * n, 1);
  const shape = target.map((n) => (n === -1 ? count / rest : n));
  if (elements(shape) !== count || shape.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    node.fail(`makes [${target.join(', ')}] of ${count} values`);
  }
  const wide = shape.filter((n) => n > 1);
  if (shape.length <= 3) return reshaped(node, shape);
  if (wide.length > 3) node.fail(`makes ${shape.length} dimensions; three are supported`);
  return reshaped(node, shape.slice(-3));
}

/** Values stay where they are. A layer is made of it where somebody reads them as an image of that shape. */
function reshaped(node: Node, shape: readonly number[]): Value {
  const { input } = node;
  return { layer: input.padding === undefined ? input.layer : node.plane().layer, shape };
}

function permute(node: Node): Value {
  const { input, settings } = node;
  const order = settings.numbers('dims').map((n) => n - 1);
  const moved = order.filter((axis) => (input.shape[axis] ?? 1) > 1);
  const inOrder = moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
  if (!inOrder || order.length !== input.shape.length) {
    node.fail(
      `turns [${input.shape.join(', ')}] round, which is not supported. Give the network its input in the order that it needs`,
    );
  }
  return reshaped(
    node,
    order.map((axis) => input.shape[axis] ?? 1),
  );
}

/** Two at a time: the sum of three is the sum of two and one more. */
function folded(node: Node, type: string): Value {
  const [first, ...others] = node.inputs.map((value) => node.plane(value));
  if (first === undefined || others.length === 0) return node.fail('reads fewer than two tensors');
  return others.reduce((sum, other) => {
    const shape = elements(other.shape) > elements(sum.shape) ? other.shape : sum.shape;
    return node.add({ type }, shape, { inputs: [sum, other] });
  }, first);
}

function average(node: Node): Value {
  const sum = folded(node, 'add');
  return node.add({ type: 'mul', constant: 'scalar' }, sum.shape, {
    inputs: [sum],
    constants: { operand: filled(1, 1 / node.inputs.length) },
    wanted: `${node.layer.name}_mean`,
  });
}

function concatenate(node: Node): Value {
  const { inputs, settings } = node;
  const [first] = inputs;
  if (first === undefined) return node.fail('reads nothing');
  const [axis = -1] = settings.numbers('axis', [-1]);
  const rank = first.shape.length;
  const at = axis < 0 ? axis + rank : axis - 1;
  if (inputs.some(({ shape }) => shape.length !== rank) || at < 0 || at >= rank) {
    node.fail(`joins tensors of different dimensions, or over axis ${axis}`);
  }
  const shape = first.shape.map((n, i) =>
    i === at ? inputs.reduce((sum, value) => sum + (value.shape[i] ?? 0), 0) : n,
  );
  const names = ['channels', 'width', 'height'];
  const over = names[rank - 1 - at];
  return node.add({ type: 'concat', along: over }, shape, {
    inputs: inputs.map((value) => node.plane(value)),
  });
}

/** [top, bottom, left, right] of what a config says of all sides, of pairs of them, or of each. */
function sides(node: Node, key: string, dimensions: 1 | 2): [number, number, number, number] {
  const numbers = node.settings.numbers(key);
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 0)) node.fail(`has a ${key} below 0`);
  const [a = 0, b = a, c = b, d = c] = numbers;
  if (dimensions === 1) return [0, 0, a, b];
  if (numbers.length === 1) return [a, a, a, a];
  return numbers.length === 2 ? [a, a, b, b] : [a, b, c, d];
}

function zeroPadding(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const { layer, shape } = node.plane();
  const padding = sides(node, 'padding', dimensions);
  const [height, width, channels] = planeOf(shape);
  const [top, bottom, left, right] = padding;
  const plane: Shape = [height + top + bottom, width + left + right, channels];
  return { layer, shape: shapeFrom(plane, dimensions), padding };
}

function cropping(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const [top, bottom, left, right] = sides(node, 'cropping', dimensions);
  const [height, width, channels] = planeOf(node.input.shape);
  const plane: Shape = [height - top - bottom, width - left - right, channels];
  if (plane.some((n) => n < 1)) node.fail('leaves nothing of its input');
  return node.add(
    { type: 'slice', begin: [top, left, 0], extent: [...plane] },
    shapeFrom(plane, dimensions),
    { inputs: [node.plane()] },
  );
}

function upSampling(node: Node, dimensions: 1 | 2): Value {
  node.checkChannelsLast();
  checkDimensions(node, dimensions);
  const factor = node.settings.pair('size', dimensions, 2);
  const interpolation = node.settings.text('interpolation', 'nearest');
  if (interpolation !== 'nearest' && interpolation !== 'bilinear') {
    node.fail(`has the interpolation "${interpolation}"; nearest and bilinear are supported`);
  }
  const [height, width, channels] = planeOf(node.input.shape);
  const plane: Shape = [height * factor[0], width * factor[1], channels];
  return node.add(
    { type: 'resize', to: [plane[0], plane[1]], method: interpolation, align: 'centers' },
    shapeFrom(plane, dimensions),
    { inputs: [node.plane()] },
  );
}
