/**
 * Keras's description of a network, the JSON in all its files, as calls of layers one after the other: Sequential and
 * Functional, of Keras 2 and 3 and TensorFlow.js, with networks inside of networks taken apart.
 */
import * as v from 'valibot';
import { UserError } from '../../util/errors';
import { isRecord } from '../../util/is-record';
import { checkStored } from '../../util/stored';

/** Networks inside of networks, and lists inside of lists of arguments; what people build has three. */
const DEEPEST = 32;
/** Calls of layers and of networks in networks; the largest of Keras's own applications have two thousand. */
const MOST_CALLS = 10_000;

const DESCRIPTION = v.object({
  class_name: v.string(),
  name: v.optional(v.string()),
  module: v.nullish(v.string()),
  config: v.union([v.record(v.string(), v.unknown()), v.array(v.unknown())]),
  inbound_nodes: v.optional(v.array(v.unknown()), []),
});
type Description = v.InferOutput<typeof DESCRIPTION>;

export interface KerasLayer {
  readonly className: string;
  /** `keras.src.ops.numpy` where a function of Keras became a layer. */
  readonly module: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the networks that it lies in, the outermost first, and its own. */
  readonly scope: readonly string[];
  /** Where `.keras` files have its weights: `layers/functional/layers/conv2d`. */
  readonly path: string;
}

/** A layer applied to what others put out: layers may be called several times. */
export interface KerasCall {
  readonly layer: KerasLayer;
  readonly inputs: readonly KerasCall[];
  /** What the call is given besides tensors, as `x + 1` is: its places among all arguments, and numbers where they are some. */
  readonly constants: readonly Given[];
}

export interface Given {
  readonly at: number;
  /** undefined for what is no single number. */
  readonly number: number | undefined;
}

export interface KerasNetwork {
  readonly name: string;
  /** Inputs first, each before whoever reads it. */
  readonly calls: readonly KerasCall[];
  readonly inputs: readonly KerasCall[];
  readonly outputs: readonly KerasCall[];
}

/** A layer's output as configs name it: layer, number of its call, number of the output. */
interface Reference {
  readonly name: string;
  readonly call: number;
  readonly output: number;
}

const NETWORKS = new Set(['Sequential', 'Functional', 'Model']);

export function isNetwork(className: string): boolean {
  return NETWORKS.has(className);
}

/** @param description as in `config.json`. @throws UserError where it is damaged or describes no such network */
export function readNetwork(description: unknown): KerasNetwork {
  const model = describe(description, 'The network');
  if (!isNetwork(model.class_name)) {
    throw new UserError(
      `The network is of the class ${model.class_name}; Sequential and Functional can be read. Build it of ` +
        'keras.Input and layers (keras.Model(inputs, outputs)), load its weights, and save that.',
    );
  }
  const reader = new Reader();
  const { outputs, inputs } = reader.model(model, { scope: [], path: '' }, undefined, 0);
  const { config } = model;
  const name = Array.isArray(config) ? 'sequential' : (textOf(config['name']) ?? 'network');
  return { name, calls: reader.calls, inputs, outputs };
}

interface At {
  readonly scope: readonly string[];
  readonly path: string;
}

interface Ends {
  readonly inputs: readonly KerasCall[];
  readonly outputs: readonly KerasCall[];
}

class Reader {
  readonly calls: KerasCall[] = [];
  /** Also of networks, which are calls of nothing where they hand through what they are given. */
  #called = 0;

  /** @param given what a network inside of another reads; undefined for the outermost */
  model(model: Description, at: At, given: readonly KerasCall[] | undefined, depth: number): Ends {
    if (depth > DEEPEST)
      throw new UserError(`There are more than ${DEEPEST} networks in networks.`);
    return model.class_name === 'Sequential'
      ? this.#sequential(model, at, given, depth)
      : this.#functional(model, at, given, depth);
  }

  #sequential(
    { config }: Description,
    at: At,
    given: readonly KerasCall[] | undefined,
    depth: number,
  ): Ends {
    const list = Array.isArray(config) ? config : config['layers'];
    const layers = descriptions(list, at);
    const paths = pathsOf(layers, at);
    let inputs = given;
    let before = given;
    layers.forEach((description, i) => {
      const place = { scope: [...at.scope, nameOf(description)], path: paths[i] ?? '' };
      if (description.class_name === 'InputLayer') {
        inputs ??= [this.#call(description, place, [])];
        before ??= inputs;
        return;
      }
      if (before === undefined) {
        const shape = firstShape(description, config);
        inputs = [this.#call(inputLayer(shape), { scope: ['input'], path: '' }, [])];
        before = inputs;
      }
      before = this.#apply(description, place, before, [], depth);
    });
    if (inputs === undefined || before === undefined) {
      throw new UserError(`${titleOf(at)} has no layers.`);
    }
    return { inputs, outputs: before };
  }

  #functional(
    { config }: Description,
    at: At,
    given: readonly KerasCall[] | undefined,
    depth: number,
  ): Ends {
    if (Array.isArray(config)) throw new UserError(`${titleOf(at)}: its config is a list.`);
    const layers = descriptions(config['layers'], at);
    const paths = pathsOf(layers, at);
    const inputRefs = references(config['input_layers'], 0);
    const outputRefs = references(config['output_layers'], 0);
    if (given !== undefined && given.length !== inputRefs.length) {
      throw new UserError(
        `${titleOf(at)} has ${inputRefs.length} inputs and is called with ${given.length}.`,
      );
    }
    /** Outputs of each layer's calls, in the order of its calls. */
    const done = new Map<string, (readonly KerasCall[] | undefined)[]>();
    const waiting: {
      index: number;
      call: number;
      inputs: Reference[];
      constants: readonly Given[];
    }[] = [];
    layers.forEach((description, index) => {
      const name = nameOf(description);
      if (done.has(name)) throw new UserError(`${titleOf(at)} has two layers "${name}".`);
      done.set(name, []);
      if (description.class_name === 'InputLayer') {
        const place = { scope: [...at.scope, name], path: paths[index] ?? '' };
        const input = inputRefs.findIndex((reference) => reference.name === name);
        const bound = given?.[input];
        if (given !== undefined && bound === undefined) {
          throw new UserError(`${titleOf(at)}: "${name}" is none of its inputs.`);
        }
        done.set(name, [[bound ?? this.#call(description, place, [])]]);
        return;
      }
      description.inbound_nodes.forEach((node, call) => {
        const { tensors, constants } = argumentsOf(node, `Layer "${name}"`);
        waiting.push({ index, call, inputs: tensors, constants });
      });
    });
    const find = ({ name, call, output }: Reference): KerasCall | undefined => {
      const calls = done.get(name);
      if (calls === undefined) throw new UserError(`${titleOf(at)}: there is no layer "${name}".`);
      // Of a layer that is called once, Keras numbers the call as it likes.
      const outputs = calls.length === 1 ? calls[0] : calls[call];
      const found = outputs?.[output];
      if (outputs !== undefined && found === undefined) {
        throw new UserError(`${titleOf(at)}: layer "${name}" has no output ${output}.`);
      }
      return found;
    };
    for (const { index, call } of waiting) {
      const calls = done.get(nameOf(layers[index]!));
      if (calls !== undefined) calls[call] = undefined;
    }
    // Keras lists layers by depth, not in the order in which shared ones are called.
    let left = waiting;
    while (left.length > 0) {
      const next: typeof waiting = [];
      for (const one of left) {
        const inputs = one.inputs.map(find);
        const description = layers[one.index];
        if (description === undefined || inputs.includes(undefined)) {
          next.push(one);
          continue;
        }
        const name = nameOf(description);
        const place = { scope: [...at.scope, name], path: paths[one.index] ?? '' };
        const known = inputs.filter((input) => input !== undefined);
        const outputs = this.#apply(description, place, known, one.constants, depth);
        const calls = done.get(name);
        if (calls !== undefined) calls[one.call] = outputs;
      }
      if (next.length === left.length) {
        const names = next.map(({ index }) => `"${nameOf(layers[index]!)}"`).slice(0, 3);
        throw new UserError(
          `${titleOf(at)}: layers read each other in a circle (${names.join(', ')}).`,
        );
      }
      left = next;
    }
    const resolve = (reference: Reference): KerasCall => {
      const found = find(reference);
      if (found === undefined) {
        throw new UserError(`${titleOf(at)}: "${reference.name}" is called by nothing.`);
      }
      return found;
    };
    const outputs = outputRefs.map(resolve);
    if (outputs.length === 0) throw new UserError(`${titleOf(at)} has no outputs.`);
    return { inputs: given ?? inputRefs.map(resolve), outputs };
  }

  #apply(
    description: Description,
    at: At,
    inputs: readonly KerasCall[],
    constants: readonly Given[],
    depth: number,
  ): readonly KerasCall[] {
    if (isNetwork(description.class_name)) {
      this.#count();
      return this.model(description, at, inputs, depth + 1).outputs;
    }
    return [this.#call(description, at, inputs, constants)];
  }

  #call(
    { class_name, module, config }: Description,
    { scope, path }: At,
    inputs: readonly KerasCall[],
    constants: readonly Given[] = [],
  ): KerasCall {
    this.#count();
    if (Array.isArray(config))
      throw new UserError(`Layer "${scope.at(-1)}": its config is a list.`);
    const name = scope.at(-1) ?? class_name;
    const layer = { className: class_name, module: module ?? '', name, config, scope, path };
    const call = { layer, inputs, constants };
    this.calls.push(call);
    return call;
  }

  #count(): void {
    this.#called++;
    if (this.#called > MOST_CALLS) {
      throw new UserError(`The network calls more than ${MOST_CALLS} layers.`);
    }
  }
}

/** The name under which files have the weights of a layer of this class: `Conv2DTranspose`, `conv2d_transpose`. */
export function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `.keras` files number layers of a class, whatever they are called. */
function pathsOf(layers: readonly Description[], { path }: At): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ class_name }) => {
    const name = snakeCase(class_name);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${path === '' ? '' : `${path}/`}layers/${name}${count === 0 ? '' : `_${count}`}`;
  });
}

function descriptions(list: unknown, at: At): Description[] {
  if (!Array.isArray(list)) throw new UserError(`${titleOf(at)} has no list of layers.`);
  const items: readonly unknown[] = list;
  return items.map((item, i) => describe(item, `${titleOf(at)}, layer ${i}`));
}

function describe(value: unknown, where: string): Description {
  const checked = checkStored(DESCRIPTION, value);
  if ('problem' in checked) throw new UserError(`${where} is not described (${checked.problem}).`);
  return checked.value;
}

function nameOf({ name, config, class_name }: Description): string {
  const own = Array.isArray(config) ? undefined : textOf(config['name']);
  return own ?? name ?? class_name;
}

function titleOf({ scope }: At): string {
  return scope.length === 0 ? 'The network' : `The network "${scope.join('/')}"`;
}

/** Networks without an input layer have the shape in their first layer, or in themselves. */
function firstShape(first: Description, config: Description['config']): unknown {
  const inner = Array.isArray(first.config) ? {} : first.config;
  const outer = Array.isArray(config) ? {} : config;
  const shape =
    inner['batch_input_shape'] ?? inner['batch_shape'] ?? outer['build_input_shape'] ?? undefined;
  if (shape !== undefined) return shape;
  // A network as the first layer says it itself.
  const layers = inner['layers'];
  const [deeper]: readonly unknown[] = Array.isArray(layers) ? layers : [];
  if (isRecord(deeper) && isRecord(deeper['config'])) {
    const of = deeper['config'];
    const found = of['batch_input_shape'] ?? of['batch_shape'] ?? inner['build_input_shape'];
    if (found !== undefined) return found;
  }
  throw new UserError(
    'The network does not say what shape its input has. Add keras.Input(shape) as its first layer, or call it once before it is saved.',
  );
}

function inputLayer(shape: unknown): Description {
  return {
    class_name: 'InputLayer',
    config: { name: 'input', batch_shape: shape },
    module: undefined,
    inbound_nodes: [],
  };
}

/** What a call is given: of Keras 3 `{ args, kwargs }` with tensors inside, of Keras 2 a list of [layer, call, output, { … }]. */
function argumentsOf(
  node: unknown,
  where: string,
): { readonly tensors: Reference[]; readonly constants: readonly Given[] } {
  if (isRecord(node) && 'args' in node) {
    const named = argumentsIn(node['kwargs'], 0);
    if (named.some((argument) => 'name' in argument)) {
      throw new UserError(
        `${where} is given tensors by name (${namesOf(node['kwargs'])}), which is not supported. Leave them out.`,
      );
    }
    const found = argumentsIn(node['args'], 0);
    return {
      tensors: found.filter((argument) => 'name' in argument),
      constants: found.flatMap((argument, at) => ('name' in argument ? [] : [{ at, ...argument }])),
    };
  }
  const tensors = references(node, 0);
  if (tensors.length === 0) throw new UserError(`${where} reads nothing.`);
  return {
    tensors,
    constants: hasArguments(node) ? [{ at: tensors.length, number: undefined }] : [],
  };
}

function namesOf(value: unknown): string {
  return isRecord(value) ? Object.keys(value).join(', ') : '';
}

/** Tensors and numbers in their order; of what else there is, constants that Keras wrote as tensors count as one thing each. */
function argumentsIn(value: unknown, depth: number): (Reference | Omit<Given, 'at'>)[] {
  if (depth > DEEPEST) throw new UserError('The arguments of a layer are nested too deeply.');
  if (isRecord(value)) {
    const { class_name: className, config } = value;
    if (className === '__keras_tensor__' && isRecord(config)) {
      return references(config['keras_history'], 0);
    }
    if (className === '__tensor__' || className === '__numpy__') {
      return [{ number: isRecord(config) ? numberOf(config['value']) : undefined }];
    }
    return Object.values(value).flatMap((item) => argumentsIn(item, depth + 1));
  }
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.flatMap((item) => argumentsIn(item, depth + 1));
  }
  const number = numberOf(value);
  return number === undefined ? [] : [{ number }];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** All [layer, call, output] in lists of lists, or in a dictionary, which Keras goes through in the order of its keys. */
function references(value: unknown, depth: number): Reference[] {
  if (depth > DEEPEST) throw new UserError('The references of a layer are nested too deeply.');
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    const [name, call, output] = list;
    if (typeof name === 'string' && typeof call === 'number' && typeof output === 'number') {
      return [{ name, call, output }];
    }
    return list.flatMap((item) => references(item, depth + 1));
  }
  if (!isRecord(value)) return [];
  return Object.keys(value)
    .sort()
    .flatMap((key) => references(value[key], depth + 1));
}

/** Whether a call of Keras 2 has arguments besides tensors that hold numbers. */
function hasArguments(node: unknown): boolean {
  if (!Array.isArray(node)) return false;
  const list: readonly unknown[] = node;
  const [name, , , extra] = list;
  if (typeof name === 'string') {
    return isRecord(extra) && Object.values(extra).some((value) => typeof value === 'number');
  }
  return list.some(hasArguments);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
