/**
 * From a list of layers to a Graph: names and links resolved, what is written in other words spelled out, ReLUs fused, every shape inferred and checked.
 * Whatever is wrong is a ModelError that names the layer and carries the key's path.
 */
import type { Architecture } from '../config/config';
import { nearest } from '../config/nearest';
import type { Layer } from '../ops/graph-ops';
import { graphOp, layerType, layerTypes } from '../ops/graph-ops';
import type { Fail } from '../ops/layer-keys';
import type { Clamp, Shape } from '../ops/shape';
import { elements, formatShape, sameShape } from '../ops/shape';
import type { WrittenLayer } from '../ops/written';
import { writtenInputs, writtenType } from '../ops/written';
import { listWords } from '../util/list-words';
import type { Graph } from './graph';
import { INPUT, isWeighted } from './graph';
import { ModelError } from './model-error';
import type { Named } from './spell-out';
import { spellOut } from './spell-out';

export interface LayerList {
  readonly input: Shape;
  /** Outputs that the network must have. */
  readonly classes: number;
  /** What the outputs are; absent: one for each class. */
  readonly puts?: 'numbers';
  readonly layers: readonly WrittenLayer[];
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
  const spelled = spellOut(named);
  const { layers: fused, renamed } = fuseActivations(spelled.layers);
  const layers = inferShapes(fused, inputShape);
  checkOutput(layers, spelled.layers, list);
  const nameOf = (name: string): string => {
    const computedBy = spelled.computedBy.get(name) ?? name;
    return renamed.get(computedBy) ?? computedBy;
  };
  const { dropout } = spelled;
  return {
    graph: { inputShape, layers, ...(dropout.length === 0 ? {} : { dropout }) },
    names: named.map(({ name }) => nameOf(name)),
  };
}

/** A layer with the ReLUs that joined it. */
interface ClampedLayer extends Named {
  readonly clamps: readonly Clamp[];
}

function nameLayers({ layers: configs, input, architecture }: LayerList): Named<WrittenLayer>[] {
  if (configs.length === 0)
    throw new ModelError('"layers" is empty: a network needs a layer', ['layers']);
  const taken = new Set(configs.flatMap((config) => config.name ?? []));
  const counters = new Map<string, number>();
  const nameOf = (config: WrittenLayer): string => {
    const { defaultName } = writtenType(config);
    for (;;) {
      const n = (counters.get(defaultName) ?? 0) + 1;
      counters.set(defaultName, n);
      const name = `${defaultName}${n}`;
      if (!taken.has(name)) return name;
    }
  };
  const names = configs.map((config) => config.name ?? nameOf(config));
  /** Of the first layer of each name. */
  const places = new Map<string, number>();
  names.forEach((name, index) => {
    if (!places.has(name)) places.set(name, index);
  });

  return configs.map((config, index) => {
    const name = names[index]!;
    const fail: Fail = (message, ...key) => {
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
    const first = places.get(name) ?? index;
    if (first !== index) {
      fail(`layers ${first + 1} and ${index + 1} have the same name`, 'name');
    }
    const inputs = config.inputs ?? [index === 0 ? INPUT : names[index - 1]!];
    checkLinks(config, inputs, places, index, fail);
    return { config, name, inputs, fail };
  });
}

function checkLinks(
  config: WrittenLayer,
  inputs: readonly string[],
  places: ReadonlyMap<string, number>,
  index: number,
  fail: Fail,
): void {
  const { least, most } = writtenInputs(config);
  if (inputs.length < least || inputs.length > most) {
    const has =
      config.inputs === undefined ? 'reads the layer before it only' : `has ${inputs.length}`;
    fail(`"${config.type}" needs ${inputWords(least, most)}, but ${has}`, 'inputs');
  }
  inputs.forEach((input, i) => {
    const place = input === INPUT ? -1 : places.get(input);
    if (place !== undefined && place < index) return;
    if (place !== undefined) {
      fail(
        `reads "${input}", which does not come before it; move it behind that layer`,
        'inputs',
        i,
      );
    }
    const earlier = [...places].flatMap(([name, at]) => (at < index ? name : []));
    const near = nearest(input, [INPUT, ...earlier]);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    fail(`reads "${input}", but no layer has that name${hint}`, 'inputs', i);
  });
}

function inputWords(least: number, most: number): string {
  if (most === 1) return 'one entry in "inputs"';
  if (most === Infinity) return `${least === 1 ? 'one' : 'two'} or more "inputs"`;
  return least === most ? 'two "inputs"' : 'one or two "inputs"';
}

/** Moves each layer that only clamps into the layer it reads, where that can clamp and nothing else reads it. */
function fuseActivations(layers: readonly Named[]): {
  readonly layers: readonly ClampedLayer[];
  /** Name of a fused layer → name of the layer that now computes it. */
  readonly renamed: ReadonlyMap<string, string>;
} {
  const readers = new Map<string, number>();
  for (const input of layers.flatMap((layer) => layer.inputs)) {
    readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  const result: ClampedLayer[] = [];
  /** Place in `result` of each layer that is in it. */
  const placed = new Map<string, number>();
  const renamed = new Map<string, string>();
  for (const layer of layers) {
    const inputs = layer.inputs.map((name) => renamed.get(name) ?? name);
    const { clamp } = layerType(layer.config);
    if (clamp !== undefined) {
      const at = placed.get(inputs[0] ?? '') ?? -1;
      const producer = result[at];
      const joins = producer && layerType(producer.config).op.clamped !== undefined;
      if (joins && readers.get(layer.inputs[0]!) === 1) {
        result[at] = { ...producer, clamps: [...producer.clamps, clamp] };
        renamed.set(layer.name, producer.name);
        continue;
      }
    }
    placed.set(layer.name, result.length);
    result.push({ ...layer, inputs, clamps: [] });
  }
  return { layers: result, renamed };
}

function inferShapes(layers: readonly ClampedLayer[], inputShape: Shape): Layer[] {
  const shapes = new Map<string, Shape>([[INPUT, inputShape]]);
  return layers.map((named) => {
    const inputs = named.inputs.map((name) => shapes.get(name)!);
    const layer = shapeLayer(named, inputs);
    shapes.set(layer.name, layer.outputShape);
    return layer;
  });
}

function shapeLayer({ config, name, inputs, clamps, fail }: ClampedLayer, shapes: Shape[]): Layer {
  const { op } = layerType(config);
  const layer = op.layer(config, { name, inputs, inputShape: shapes[0]! }, shapes, fail);
  const cropped = op.cropped?.(layer).layer ?? layer;
  return clamps.reduce((fused, clamp) => op.clamped?.(fused, clamp) ?? fused, cropped);
}

/** For outputs that are hardly a slip in the number of classes. */
function unsupportedOutput([height, width, channels]: Shape): string {
  if (height * width > 1) {
    return '; a network that gives an image or a sequence is none for classification';
  }
  return channels === 1
    ? '; of yes or no set "task" to "binary", of a measured value to "regression"'
    : '';
}

/** The network's end: every layer is used, softmax comes last, and there is one output per class. */
function checkOutput(layers: readonly Layer[], named: readonly Named[], list: LayerList): void {
  const last = layers[layers.length - 1]!;
  const failAt = (layer: Layer, message: string, ...key: string[]): never =>
    named.find((candidate) => candidate.name === layer.name)!.fail(message, ...key);
  const read = new Set(layers.flatMap((layer) => layer.inputs));
  for (const layer of layers) {
    if (layer === last) continue;
    if (graphOp(layer.kind).last) failAt(layer, `${layer.kind} must be the last layer`, 'type');
    if (!read.has(layer.name)) {
      failAt(layer, 'no later layer reads it; remove it, or name it in some "inputs"');
    }
  }
  if (list.puts === 'numbers') {
    if (elements(last.outputShape) !== list.classes) {
      failAt(
        last,
        `the last layer must give ${list.classes} number${list.classes === 1 ? '' : 's'}, as the task asks for, but gives ` +
          formatShape(last.outputShape),
      );
    }
  } else if (!sameShape(last.outputShape, [1, 1, list.classes])) {
    failAt(
      last,
      `the last layer must give one output per class, 1×1×${list.classes}, but gives ` +
        formatShape(last.outputShape) +
        unsupportedOutput(last.outputShape),
    );
  }
  if (!layers.some(isWeighted)) {
    // One type of each kind: the others are the same by another name.
    const weighted = layerTypes().filter(({ op }) => op.weights !== undefined);
    const types = weighted.flatMap(({ type, op }) => (op.example.type === type ? type : []));
    throw new ModelError(`no layer has weights: add a ${listWords(types, 'or')} layer`, ['layers']);
  }
}
