/**
 * From a list of layers to a Graph: names and links resolved, ReLUs fused, every shape inferred and checked.
 * Whatever is wrong is a ModelError that names the layer and carries the key's path.
 */
import type { Architecture, LayerConfig } from '../config/config';
import { nearest } from '../config/nearest';
import type { Activation, Graph, Layer, Padding, Pair, Shape } from './graph';
import { INPUT, elements, isWeighted } from './graph';
import { ModelError } from './model-error';
import { convPadding } from './padding';

export interface LayerList {
  readonly input: Shape;
  readonly classes: number;
  readonly layers: readonly LayerConfig[];
  /** Whose list it is, where the user did not write it: then errors cannot point at an entry. */
  readonly architecture?: Architecture;
}

/** @throws ModelError (a UserError) for anything that cannot be a network. */
export function buildGraph(list: LayerList): Graph {
  return buildLayers(list).graph;
}

/**
 * As buildGraph; and for each entry of the list the name of the graph's layer that computes it: its own, or for a fused
 * ReLU the one it became part of.
 *
 * @throws ModelError
 */
export function buildLayers(list: LayerList): {
  readonly graph: Graph;
  readonly names: readonly string[];
} {
  const inputShape: Shape = list.input;
  const named = nameLayers(list);
  const { layers: fused, renamed } = fuseActivations(named);
  const layers = inferShapes(fused, inputShape);
  checkOutput(layers, named, list);
  return {
    graph: { inputShape, classes: list.classes, layers },
    names: named.map(({ name }) => renamed.get(name) ?? name),
  };
}

/** A layer as configured, with its name and links settled. */
interface NamedLayer {
  readonly config: LayerConfig;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly activation: Activation;
  /** What an error about this layer says and points at. */
  readonly fail: (message: string, ...key: readonly (string | number)[]) => never;
}

type Type = LayerConfig['type'];

const DEFAULT_NAMES: Readonly<Record<Type, string>> = {
  conv2d: 'conv',
  depthwiseConv2d: 'dw',
  dense: 'dense',
  add: 'add',
  maxPool2d: 'maxpool',
  averagePool2d: 'avgpool',
  globalAveragePool: 'global_avgpool',
  globalMaxPool: 'global_maxpool',
  relu: 'relu',
  relu6: 'relu6_',
  flatten: 'flatten',
  softmax: 'softmax',
};

function nameLayers({ layers: configs, input, architecture }: LayerList): NamedLayer[] {
  if (configs.length === 0)
    throw new ModelError('"layers" is empty: a network needs a layer', ['layers']);
  const taken = new Set(configs.flatMap((config) => config.name ?? []));
  const counters = new Map<Type, number>();
  const defaultName = (type: Type): string => {
    for (;;) {
      const n = (counters.get(type) ?? 0) + 1;
      counters.set(type, n);
      const name = `${DEFAULT_NAMES[type]}${n}`;
      if (!taken.has(name)) return name;
    }
  };
  const names = configs.map((config) => config.name ?? defaultName(config.type));

  return configs.map((config, index) => {
    const name = names[index]!;
    const fail = (message: string, ...key: readonly (string | number)[]): never => {
      if (architecture === undefined) {
        throw new ModelError(`layer "${name}": ${message}`, ['layers', index, ...key]);
      }
      const [h, w] = input;
      throw new ModelError(`layer "${name}" of ${architecture} with input ${h}×${w}: ${message}`, [
        'input',
      ]);
    };
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      fail(
        'a name is made of lower-case letters, digits and "_", and starts with a letter',
        'name',
      );
    }
    if (name === INPUT) fail('"input" is the name of the network\'s input; choose another', 'name');
    if (names.indexOf(name) !== index) {
      fail(`layers ${names.indexOf(name) + 1} and ${index + 1} have the same name`, 'name');
    }
    const inputs = config.inputs ?? [index === 0 ? INPUT : names[index - 1]!];
    checkLinks(config, inputs, names, index, fail);
    return { config, name, inputs, activation: config.activation ?? 'none', fail };
  });
}

function checkLinks(
  config: LayerConfig,
  inputs: readonly string[],
  names: readonly string[],
  index: number,
  fail: NamedLayer['fail'],
): void {
  const wanted = config.type === 'add' ? 2 : 1;
  if (inputs.length !== wanted) {
    const has =
      config.inputs === undefined ? 'reads the layer before it only' : `has ${inputs.length}`;
    fail(
      wanted === 2
        ? `"add" needs two "inputs", but ${has}`
        : `"${config.type}" needs one entry in "inputs", but ${has}`,
      'inputs',
    );
  }
  if (wanted === 2 && inputs[0] === inputs[1]) fail(`adds "${inputs[0]!}" to itself`, 'inputs');
  const earlier = [INPUT, ...names.slice(0, index)];
  inputs.forEach((input, i) => {
    if (earlier.includes(input)) return;
    if (names.includes(input)) {
      fail(
        `reads "${input}", which does not come before it; move it behind that layer`,
        'inputs',
        i,
      );
    }
    const near = nearest(input, earlier);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    fail(`reads "${input}", but no layer has that name${hint}`, 'inputs', i);
  });
}

/** Clamping twice is clamping to the smaller range, so a ReLU can always join a producer that has one already. */
function joinActivations(a: Activation, b: Activation): Activation {
  if (a === 'relu6' || b === 'relu6') return 'relu6';
  return a === 'relu' || b === 'relu' ? 'relu' : 'none';
}

const CLAMPS: ReadonlySet<Type> = new Set<Type>(['conv2d', 'depthwiseConv2d', 'dense', 'add']);

/** Moves each relu/relu6 layer into the layer it reads where nothing else reads that layer. */
function fuseActivations(layers: readonly NamedLayer[]): {
  readonly layers: readonly NamedLayer[];
  /** Name of a fused layer → name of the layer that now computes it. */
  readonly renamed: ReadonlyMap<string, string>;
} {
  const readers = new Map<string, number>();
  for (const input of layers.flatMap((layer) => layer.inputs)) {
    readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  const result: NamedLayer[] = [];
  const renamed = new Map<string, string>();
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => renamed.get(name) ?? name);
    const { type } = layer.config;
    if (type === 'relu' || type === 'relu6') {
      const at = result.findIndex((candidate) => candidate.name === inputs[0]);
      const producer = result[at];
      if (producer && CLAMPS.has(producer.config.type) && readers.get(layer.inputs[0]!) === 1) {
        result[at] = { ...producer, activation: joinActivations(producer.activation, type) };
        renamed.set(layer.name, producer.name);
        continue;
      }
    }
    result.push({ ...layer, inputs });
  }
  return { layers: result, renamed };
}

function inferShapes(layers: readonly NamedLayer[], inputShape: Shape): Layer[] {
  const shapes = new Map<string, Shape>([[INPUT, inputShape]]);
  return layers.map((named) => {
    const inputs = named.inputs.map((name) => shapes.get(name)!);
    const layer = shapeLayer(named, inputs[0]!, inputs[1]);
    shapes.set(layer.name, layer.outputShape);
    return layer;
  });
}

function shapeLayer(named: NamedLayer, input: Shape, second: Shape | undefined): Layer {
  const { config, name, inputs, activation } = named;
  const base = { name, inputs, inputShape: input };
  const channels = input[2];
  switch (config.type) {
    case 'conv2d': {
      const window = kernelWindow(named);
      const filters = config.filters ?? required(named, 'filters');
      const outputShape = windowShape(named, input, window, filters);
      const batchNorm = config.batchNorm ?? true;
      return { ...base, kind: 'conv2d', filters, ...window, outputShape, batchNorm, activation };
    }
    case 'depthwiseConv2d': {
      const window = kernelWindow(named);
      const outputShape = windowShape(named, input, window, channels);
      const batchNorm = config.batchNorm ?? true;
      return { ...base, kind: 'depthwiseConv2d', ...window, outputShape, batchNorm, activation };
    }
    case 'dense': {
      const units = config.units ?? required(named, 'units');
      const batchNorm = config.batchNorm ?? false;
      return { ...base, kind: 'dense', units, outputShape: [1, 1, units], batchNorm, activation };
    }
    case 'add':
      if (second === undefined || !sameShape(input, second)) {
        named.fail(
          `adds "${inputs[0]!}" (${formatShape(input)}) and "${inputs[1]!}" ` +
            `(${formatShape(second ?? [])}), whose shapes must be the same`,
          'inputs',
        );
      }
      return { ...base, kind: 'add', outputShape: input, activation };
    case 'maxPool2d':
    case 'averagePool2d': {
      const pool = pair(config.pool ?? required(named, 'pool'));
      const stride = config.stride === undefined ? pool : pair(config.stride);
      const padding: Padding = config.padding ?? 'valid';
      const outputShape = windowShape(named, input, { kernel: pool, stride, padding }, channels);
      return { ...base, kind: config.type, pool, stride, padding, outputShape };
    }
    case 'globalAveragePool':
    case 'globalMaxPool':
      return { ...base, kind: config.type, outputShape: [1, 1, channels] };
    case 'relu':
    case 'relu6':
      return { ...base, kind: 'activation', activation: config.type, outputShape: input };
    case 'flatten':
      return { ...base, kind: 'flatten', outputShape: [1, 1, elements(input)] };
    case 'softmax':
      return { ...base, kind: 'softmax', outputShape: input };
  }
}

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}

function kernelWindow(named: NamedLayer): Window {
  const { kernel, stride, padding } = named.config;
  return {
    kernel: pair(kernel ?? required(named, 'kernel')),
    stride: pair(stride ?? 1),
    padding: padding ?? 'same',
  };
}

function windowShape(named: NamedLayer, input: Shape, window: Window, channels: number): Shape {
  const { kernel, stride, padding } = window;
  const [h, w] = [0, 1].map((a) => convPadding(input[a]!, kernel[a]!, stride[a]!, padding).output);
  if (h! < 1 || w! < 1) {
    const pooling = named.config.pool !== undefined;
    named.fail(
      `input ${input[0]}×${input[1]} is smaller than the ${kernel[0]}×${kernel[1]} ` +
        `${pooling ? 'pool' : 'kernel'} with "valid" padding`,
      pooling ? 'pool' : 'kernel',
    );
  }
  return [h!, w!, channels];
}

/** The network's end: every layer is used, softmax comes last, and there is one output per class. */
function checkOutput(
  layers: readonly Layer[],
  named: readonly NamedLayer[],
  list: LayerList,
): void {
  const last = layers[layers.length - 1]!;
  const failAt = (layer: Layer, message: string, ...key: string[]): never =>
    named.find((candidate) => candidate.name === layer.name)!.fail(message, ...key);
  const read = new Set(layers.flatMap((layer) => layer.inputs));
  for (const layer of layers) {
    if (layer === last) continue;
    if (layer.kind === 'softmax') failAt(layer, 'softmax must be the last layer', 'type');
    if (!read.has(layer.name)) {
      failAt(layer, 'no later layer reads it; remove it, or name it in some "inputs"');
    }
  }
  if (!sameShape(last.outputShape, [1, 1, list.classes])) {
    failAt(
      last,
      `the last layer must give one output per class, 1×1×${list.classes}, but gives ` +
        formatShape(last.outputShape),
    );
  }
  if (!layers.some(isWeighted)) {
    throw new ModelError('no layer has weights: add a conv2d, depthwiseConv2d or dense layer', [
      'layers',
    ]);
  }
}

function required(named: NamedLayer, key: keyof LayerConfig): never {
  return named.fail(`"${named.config.type}" needs "${key}"`);
}

function pair(value: number | readonly [number, number]): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.every((n, i) => n === b[i]);
}

function formatShape(shape: readonly number[]): string {
  return shape.join('×');
}
