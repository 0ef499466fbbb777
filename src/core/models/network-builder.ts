/**
 * From a file's operators to a network: what is the same for every format of files. A reader says operator by operator
 * what the config would say of such a layer; here layers are made, shapes checked, and what belongs together is joined:
 * batch norm stays live in the layer before it, clamps go into the layer they clamp.
 */
import type { BatchNorm } from '../graph/batch-norm';
import { withOurEpsilon } from '../graph/batch-norm';
import type { Graph } from '../graph/graph';
import { INPUT, isWeighted, sumCount, weightCount, weightShape } from '../graph/graph';
import { depthwiseConv2d, NORM_ALONE } from '../ops/depthwiseConv2d/graph';
import { OPERAND } from '../ops/elementwise/graph';
import { executeOp } from '../ops/execute-ops';
import type { Layer, LayerConfig } from '../ops/graph-ops';
import { graphOp, inputCounts, layerType, takesBatchNorm } from '../ops/graph-ops';
import { wrongKey } from '../ops/layer-config';
import type { Clamp, Shape } from '../ops/shape';
import { elements, formatShape, sameShape } from '../ops/shape';
import { constantsOf } from '../quant/constants';
import type {
  QuantizedConstant,
  QuantizedLayer,
  QuantizedModel,
  TensorQuantization,
} from '../quant/model';
import { checkModel } from '../quant/quantize-model';
import type { TrainedLayer } from '../quant/quantize-model';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { withoutFront } from './front';
import type { FileFacts, LoadedModel } from './model';
import { hardSwishBeforeSixth, hardSwishOf, isSixth, preluOf } from './spelled-out';
import type { See, Term } from './spelled-out';

/** What a reader says of an operator that becomes a layer. */
export interface NodeRequest {
  readonly config: LayerConfig;
  /** The layer's name is made of this: a C identifier that no other layer has. */
  readonly wanted: string;
  /** INPUT, or what earlier calls gave. */
  readonly inputs: readonly string[];
  /** Names operator and node in errors: `Operator 3 (CONV_2D)`. */
  readonly where: string;
  /** In the storage order of the layer's kind. */
  readonly weights?: TrainedLayer;
  /** What else the layer owns, by the names its kind has for it. */
  readonly constants?: Readonly<Record<string, Float32Array>>;
  /** Of an int8 file, where every layer has it. */
  readonly quantization?: NodeQuantization;
  /** What the file says, where it says so. */
  readonly outputShape?: Shape;
}

export interface NodeQuantization {
  readonly output: TensorQuantization;
  readonly weights?: QuantizedLayer;
  /** How the file's format rounds the sums of such a layer, where that is once. */
  readonly rounding?: 'once';
  /** Codes of what else the layer owns. */
  readonly constants?: Readonly<Record<string, QuantizedConstant>>;
}

export interface BatchNormRequest extends BatchNorm {
  readonly input: string;
  readonly epsilon: number;
  readonly wanted: string;
  readonly where: string;
}

export interface ActivationRequest {
  readonly input: string;
  readonly clamp: Clamp;
  readonly wanted: string;
  readonly where: string;
  readonly quantization?: NodeQuantization;
  /** What the file says, where it says so. */
  readonly outputShape?: Shape;
}

/** A layer that is to be, or a batch norm that is to join one. */
interface Node {
  readonly name: string;
  readonly where: string;
  readonly inputs: readonly string[];
  readonly outputShape: Shape;
  readonly layer?: Layer | undefined;
  /** Where it does nothing but clamp. */
  readonly clamp?: Clamp | undefined;
  readonly weights?: TrainedLayer | undefined;
  readonly batchNorm?: BatchNorm;
  readonly constants?: Readonly<Record<string, Float32Array>> | undefined;
  readonly quantization?: NodeQuantization | undefined;
  /** What was changed of it, for those who imported the file. */
  readonly note?: string;
  /** Of what is left out at the network's end, whose input is the output then: what is said of that, and of it elsewhere. */
  readonly leftOut?: { readonly note: string; readonly elsewhere: string };
}

export class NetworkBuilder {
  readonly #inputShape: Shape;
  readonly #inputQuantization: TensorQuantization | undefined;
  readonly #nodes: Node[] = [];
  readonly #shapes: Map<string, Shape>;
  /** By name: the next number that may not be taken yet. */
  readonly #numbers = new Map<string, number>();

  /** @param quantization of the input of an int8 network; then every layer needs one */
  constructor(inputShape: Shape, quantization?: TensorQuantization) {
    this.#inputShape = inputShape;
    this.#inputQuantization = quantization;
    this.#shapes = new Map([[INPUT, inputShape]]);
  }

  /** Shape of INPUT or of what an earlier call gave. */
  shapeOf(name: string): Shape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`There is no layer called ${name}.`);
    return shape;
  }

  /** Adds a layer, and gives the name back by which later ones may read it. @throws UserError beginning with `where` */
  add(request: NodeRequest): string {
    const { config, where, constants } = request;
    const name = this.#name(request.wanted);
    const { op, clamp } = layerType(config);
    const inputs = op.puts === 'index' ? request.inputs.map(this.#scoresOf) : request.inputs;
    const wrong = wrongKey(op.keys, config);
    if (wrong !== undefined) {
      const values = new Map<string, unknown>(Object.entries(config));
      const value = JSON.stringify(values.get(wrong.name));
      throw new UserError(`${where}: its ${wrong.name} ${value} is not supported.`);
    }
    const { least, most } = inputCounts(config);
    if (inputs.length < least || inputs.length > most) {
      const wanted = inputs.length < least ? least : most;
      throw new UserError(`${where} reads ${inputs.length} tensors; ${wanted} are supported.`);
    }
    const shapes = inputs.map((input) => this.shapeOf(input));
    const place = { name, inputs, inputShape: shapes[0] ?? this.#inputShape };
    const made = op.layer(config, place, shapes, (message) => {
      throw new UserError(`${where}: ${message}.`);
    });
    const quantization = request.quantization ?? this.#fixedQuantization(made);
    const { rounding } = quantization ?? {};
    const layer = isWeighted(made) ? { ...made, ...defined({ rounding }) } : made;
    const { outputShape } = layer;
    checkShape(where, outputShape, request.outputShape);
    checkWeights(where, layer, request.weights);
    checkConstants(where, layer, constants);
    checkFinite(where, {
      ...defined({ weights: request.weights?.weights, biases: request.weights?.bias }),
      ...constants,
    });
    const node = { name, where, inputs, outputShape, layer, clamp, constants };
    this.#put(this.#cropped({ ...node, weights: request.weights, quantization }));
    return name;
  }

  /** The node without weights that never meet its input. */
  #cropped(node: Node): Node {
    const { layer, weights, quantization, where } = node;
    if (layer === undefined || !isWeighted(layer)) return node;
    const cut = graphOp(layer.kind).cropped?.(layer);
    if (cut === undefined || !isWeighted(cut.layer)) return node;
    const [from, to] = [weightShape(layer), weightShape(cut.layer)];
    if (elements(from) === elements(to)) return node;
    const places = placesOf(from, to, cut.begin);
    const [height, width] = layer.inputShape;
    const note =
      `${where}: of its ${elements(from)} weights only ${elements(to)} can ever meet an input of ${height}×${width}; the others are left ` +
      'out, which changes no output.';
    const codes = quantization?.weights;
    return {
      ...{ ...node, note, layer: cut.layer },
      ...defined({
        weights: weights && {
          ...weights,
          weights: Float32Array.from(places, (i) => weights.weights[i]!),
        },
        quantization: codes && {
          ...quantization,
          weights: { ...codes, weights: Int8Array.from(places, (i) => codes.weights[i]!) },
        },
      }),
    };
  }

  /**
   * Batch norm over what `input` names. It joins the layer that computes that where it has weights and nothing else reads
   * it, and stays live there; elsewhere it is a layer of its own.
   */
  batchNorm({ input, epsilon, wanted, where, ...values }: BatchNormRequest): string {
    const outputShape = this.shapeOf(input);
    for (const [what, { length }] of Object.entries(values)) {
      if (length === outputShape[2]) continue;
      throw new UserError(
        `${where}: its ${what} has ${length} values, its input ${outputShape[2]} channels.`,
      );
    }
    checkFinite(where, values);
    const batchNorm = withOurEpsilon(values, epsilon);
    const name = this.#name(wanted);
    this.#put({ name, where, inputs: [input], outputShape, batchNorm });
    return name;
  }

  /** A ReLU, which joins the layer before it where that can clamp. */
  activation({ input, clamp, ...request }: ActivationRequest): string {
    return this.add({ ...request, config: { type: clamp }, inputs: [input] });
  }

  /** The logarithm of a softmax: at the network's end it is left out, since the largest score stays the largest. */
  logSoftmax({
    input,
    wanted,
    where,
  }: Omit<BatchNormRequest, keyof BatchNorm | 'epsilon'>): string {
    const name = this.#name(wanted);
    const leftOut = {
      note: `${where} at the end gives logarithms of a softmax; here the output is the scores before it, whose largest is the same.`,
      elsewhere: `${where}: the logarithm of a softmax is supported at the network's end only, where it is left out.`,
    };
    this.#put({ name, where, inputs: [input], outputShape: this.shapeOf(input), leftOut });
    return name;
  }

  /**
   * The network that ends in `outputs`. Layers that none of them needs are left out.
   *
   * @throws UserError for what cannot be computed here, with operator and node
   */
  finish(outputs: readonly string[], about: FileFacts): LoadedModel {
    const last = new Map(this.#nodes.map((node) => [node.name, node]));
    const leftOut = outputs.flatMap((name) => last.get(name)?.leftOut ?? []);
    const given = outputs.map(
      (name) => (last.get(name)?.leftOut && last.get(name)?.inputs[0]) ?? name,
    );
    const ends = [...new Set(given)];
    if (ends.length === 0) throw new UserError('The network has no output.');
    if (ends.includes(INPUT)) {
      throw new UserError('An output of the network is its input, with no operator in between.');
    }
    const needed = neededFor(ends, this.#nodes);
    const inside = needed.find((node) => node.leftOut !== undefined);
    if (inside?.leftOut !== undefined) throw new UserError(inside.leftOut.elsewhere);
    const left = this.#nodes.length - needed.length - leftOut.length;
    const own = this.#inputQuantization === undefined;
    const front = own
      ? withoutFront(needed, ends, this.#inputShape[2], about.normalization)
      : undefined;
    const activated = own ? withActivations(front?.nodes ?? needed, ends) : needed;
    const { nodes, renamed } = joined(activated, ends, front?.front);
    const normalization = front?.normalization ?? about.normalization;
    const nameOf = (name: string): string => renamed.get(name) ?? name;
    const names = ends.map(nameOf);
    const outputLayers = names.length > 1 ? given.map(nameOf) : undefined;
    const layers = nodes.map(layerOf);
    checkEnds(nodes, layers);
    const notes = [
      ...about.notes,
      ...new Set(leftOut.map(({ note }) => note)),
      ...needed.flatMap(({ note }) => note ?? []),
      ...(left > 0 ? [`${left} operators on which no output depends were left out.`] : []),
    ];
    const graph: Graph = {
      inputShape: this.#inputShape,
      layers,
      ...defined({ outputs: names.length > 1 ? names : undefined }),
    };
    const quantization = this.#quantization(nodes);
    if (quantization !== undefined) checkModel({ graph, ...quantization });
    const batchNorm = someOf(nodes, (node) => node.batchNorm);
    const constants = someOf(nodes, (node) => node.constants);
    return {
      graph,
      entries: new Map(),
      weights: fieldOf(nodes, ({ weights }) => weights),
      ...defined({ batchNorm, constants, quantization }),
      file: { ...about, ...defined({ normalization, outputLayers }), notes },
    };
  }

  /** The largest of probabilities is that of the scores that they are made of, which have not been rounded once more. */
  readonly #scoresOf = (name: string): string => {
    const node = this.#nodes.find((each) => each.name === name);
    if (node?.leftOut !== undefined) return node.inputs[0] ?? name;
    if (node?.layer === undefined || this.#inputQuantization !== undefined) return name;
    return graphOp(node.layer.kind).puts === 'probability' ? (node.inputs[0] ?? name) : name;
  };

  /** Of an int8 network: what every such layer puts out, where the file need not say it. */
  #fixedQuantization(layer: Layer): NodeQuantization | undefined {
    if (this.#inputQuantization === undefined) return undefined;
    const output = executeOp(layer.kind).fixed?.(layer);
    return output && { output };
  }

  #put(node: Node): void {
    this.#nodes.push(node);
    this.#shapes.set(node.name, node.outputShape);
  }

  #name(wanted: string): string {
    const name = identifier(wanted);
    if (!this.#shapes.has(name)) return name;
    // Where the last one of that name was found, so that many alike take no longer than others.
    for (let n = this.#numbers.get(name) ?? 2; ; n++) {
      if (this.#shapes.has(`${name}_${n}`)) continue;
      this.#numbers.set(name, n + 1);
      return `${name}_${n}`;
    }
  }

  #quantization(nodes: readonly Node[]): Omit<QuantizedModel, 'graph'> | undefined {
    if (this.#inputQuantization === undefined) return undefined;
    const tensors = fieldOf(nodes, ({ quantization }) => quantization?.output);
    return {
      tensors: { [INPUT]: this.#inputQuantization, ...tensors },
      layers: fieldOf(nodes, ({ quantization }) => quantization?.weights),
      ...defined({ constants: someOf(nodes, ({ quantization }) => quantization?.constants) }),
    };
  }
}

/** A C identifier in lower case, from whatever a file calls something; at most 40 letters, so that C stays readable. */
function identifier(wanted: string): string {
  const clean = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, 40)
    .replace(/_+$/, '');
  if (clean === '') return 'layer';
  // What every object of JavaScript has would be found where records of layers are asked for it.
  return clean === INPUT || clean === 'constructor' ? `${clean}_layer` : clean;
}

/** Where in storage order a part of `whole` lies that has shape `part` and begins at `begin`. */
function placesOf(
  whole: readonly number[],
  part: readonly number[],
  begin: readonly number[],
): number[] {
  return part.reduce<number[]>(
    (found, size, axis) =>
      found.flatMap((at) =>
        Array.from({ length: size }, (_, i) => at * whole[axis]! + begin[axis]! + i),
      ),
    [0],
  );
}

function checkShape(where: string, shape: Shape, said: Shape | undefined): void {
  if (said === undefined || sameShape(shape, said)) return;
  throw new UserError(
    `${where}: its output should have shape ${formatShape(shape)}, not ${formatShape(said)}.`,
  );
}

function checkWeights(where: string, layer: Layer, weights: TrainedLayer | undefined): void {
  if (!isWeighted(layer)) return;
  if (weights === undefined) throw new UserError(`${where}: its weights are not constants.`);
  const wanted = [weightCount(layer), sumCount(layer)];
  const found = [weights.weights.length, weights.bias.length];
  if (wanted[0] !== found[0] || wanted[1] !== found[1]) {
    throw new UserError(
      `${where}: it has ${found[0]} weights and ${found[1]} biases; its shape asks for ${wanted[0]} and ${wanted[1]}.`,
    );
  }
}

function checkConstants(
  where: string,
  layer: Layer,
  constants: Readonly<Record<string, Float32Array>> = {},
): void {
  for (const { name, shape } of constantsOf(layer)) {
    const count = new Map(Object.entries(constants)).get(name)?.length;
    if (count === elements(shape)) continue;
    throw new UserError(
      `${where}: its ${name} must be ${elements(shape)} constants, and ` +
        (count === undefined ? 'there are none.' : `there are ${count}.`),
    );
  }
}

/** A training that has diverged leaves numbers behind with which nothing can be computed. */
function checkFinite(where: string, values: Readonly<Record<string, Float32Array>>): void {
  for (const [what, numbers] of Object.entries(values)) {
    const wrong = numbers.find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    throw new UserError(
      `${where}: its ${what} ${what.endsWith('s') ? 'contain' : 'contains'} ${wrong}: the training of the network has ` +
        'probably diverged. Export one from before that.',
    );
  }
}

/** Those of the nodes that `outputs` are computed from, in their order. */
function neededFor(outputs: readonly string[], nodes: readonly Node[]): Node[] {
  const needed = new Set(outputs);
  const result = nodes.toReversed().filter((node) => {
    if (!needed.has(node.name)) return false;
    node.inputs.forEach((name) => needed.add(name));
    return true;
  });
  return result.toReversed();
}

/** What is spelled out in several nodes as the one activation that it is; of the others those that something still needs. */
function withActivations(nodes: readonly Node[], outputs: readonly string[]): Node[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const see = (name: string): Term<string> => termOf(byName.get(name));
  const found = nodes.map((node) => {
    const whole = activationOf(node, see);
    if (whole === undefined) return node;
    byName.set(node.name, whole);
    return whole;
  });
  return neededFor(outputs, found);
}

function activationOf(node: Node, see: See<string>): Node | undefined {
  const { op, inputs, values } = see(node.name);
  const [a, b] = inputs;
  if (a === undefined) return undefined;
  const swished =
    op === 'product' && b !== undefined
      ? hardSwishOf(a, b, see)
      : op === 'mul' && values !== undefined && isSixth(values)
        ? hardSwishBeforeSixth(a, see)
        : undefined;
  if (swished !== undefined) return madeOf(node, { type: 'hardSwish' }, swished);
  const steep = op === 'sum' && b !== undefined ? preluOf(a, b, see) : undefined;
  if (steep === undefined) return undefined;
  const { x, slopes } = steep;
  const constant = slopes.length === 1 ? 'scalar' : 'channel';
  if (constant === 'channel' && slopes.length !== node.outputShape[2]) return undefined;
  return { ...madeOf(node, { type: 'prelu', constant }, x), constants: { [OPERAND]: slopes } };
}

/** In the node's place and by its name, a layer that reads `input` alone. */
function madeOf({ name, where, outputShape }: Node, config: LayerConfig, input: string): Node {
  const inputs = [input];
  const place = { name, inputs, inputShape: outputShape };
  const layer = layerType(config).op.layer(config, place, [outputShape], (message) => {
    throw new UserError(`${where}: ${message}.`);
  });
  return { name, where, inputs, outputShape, layer };
}

/** A node as those see it who look for what is spelled out. */
function termOf(node: Node | undefined): Term<string> {
  const { layer, clamp, inputs = [], constants } = node ?? {};
  if (clamp !== undefined) {
    return { op: 'clamp', inputs, range: [0, clamp === 'relu6' ? 6 : Infinity] };
  }
  switch (layer?.kind) {
    case 'clip':
      return { op: 'clamp', inputs, range: [layer.min ?? -Infinity, layer.max ?? Infinity] };
    case 'add':
    case 'mul': {
      if (layer.activation !== 'none') return { op: 'other', inputs };
      const { kind, constant, otherShape } = layer;
      if (constant !== undefined) return { op: kind, inputs, values: constants?.[OPERAND] };
      // Of two shapes neither stands for the other.
      if (otherShape !== undefined) return { op: 'other', inputs };
      return { op: kind === 'add' ? 'sum' : 'product', inputs };
    }
    default:
      return { op: 'other', inputs };
  }
}

/**
 * Moves each node that can join the one it reads into that, where nothing else reads it.
 *
 * @param asInput names that stand for the network's input
 */
function joined(
  nodes: readonly Node[],
  outputs: readonly string[],
  asInput: ReadonlySet<string> = new Set(),
): { readonly nodes: Node[]; readonly renamed: ReadonlyMap<string, string> } {
  const readers = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  const result: Node[] = [];
  /** Place in `result` of each node that is in it. */
  const placed = new Map<string, number>();
  const renamed = new Map([...asInput].map((name) => [name, INPUT]));
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    const [read = ''] = node.inputs;
    const at = placed.get(inputs[0] ?? '') ?? -1;
    const before = result[at];
    const whole = before && readers.get(read) === 1 ? join(before, node) : undefined;
    if (whole !== undefined) {
      result[at] = whole;
      renamed.set(node.name, whole.name);
      continue;
    }
    placed.set(node.name, result.length);
    const layer = node.layer && readingFrom(node.layer, renamed);
    result.push(layer === undefined ? normAlone({ ...node, inputs }) : { ...node, inputs, layer });
  }
  return { nodes: result, renamed };
}

/** One node that does what both do; undefined where there can be none. */
function join(before: Node, node: Node): Node | undefined {
  if (node.batchNorm !== undefined) return withBatchNorm(before, node.batchNorm);
  return node.clamp === undefined ? undefined : withClamp(before, node, node.clamp);
}

function withBatchNorm(before: Node, norm: BatchNorm): Node | undefined {
  const { layer, weights, quantization } = before;
  if (layer === undefined || !isWeighted(layer) || layer.activation !== 'none') return undefined;
  if (!takesBatchNorm(layer.kind)) return undefined;
  if (weights === undefined || quantization !== undefined || before.batchNorm !== undefined) {
    return undefined;
  }
  const mean = norm.mean.map((value, c) => value - weights.bias[c]!);
  return {
    ...before,
    layer: { ...layer, batchNorm: true },
    weights: { ...weights, bias: new Float32Array(weights.bias.length) },
    batchNorm: { ...norm, mean },
  };
}

/** A batch norm that joins no layer: it scales weights of 1. */
function normAlone(node: Node): Node {
  const { name, inputs, outputShape } = node;
  const channels = outputShape[2];
  const layer = depthwiseConv2d.layer(
    NORM_ALONE,
    { name, inputs, inputShape: outputShape },
    [outputShape],
    (message) => {
      throw new UserError(`${node.where}: ${message}.`);
    },
  );
  const weights = new Float32Array(channels).fill(1);
  return { ...node, layer, weights: { weights, bias: new Float32Array(channels) } };
}

function withClamp(before: Node, node: Node, clamp: Clamp): Node | undefined {
  const { layer } = before;
  const clampedLayer = layer && graphOp(layer.kind).clamped?.(layer, clamp);
  const [a, b] = [before.quantization?.output, node.quantization?.output];
  // Where codes change their meaning in between, what is clamped is already rounded.
  const same = a?.scale === b?.scale && a?.zeroPoint === b?.zeroPoint;
  return clampedLayer && same ? { ...before, layer: clampedLayer } : undefined;
}

/** The layer may read what its node reads in another order. */
function readingFrom(layer: Layer, renamed: ReadonlyMap<string, string>): Layer {
  return { ...layer, inputs: layer.inputs.map((name) => renamed.get(name) ?? name) };
}

function layerOf({ layer, name }: Node): Layer {
  if (layer === undefined) throw new Error(`${name} did not become a layer.`);
  return layer;
}

function checkEnds(nodes: readonly Node[], layers: readonly Layer[]): void {
  // An index may be chosen of whatever the network ends in.
  const reading = layers.filter(({ kind }) => graphOp(kind).puts !== 'index');
  const read = new Set(reading.flatMap(({ inputs }) => inputs));
  layers.forEach((layer, i) => {
    if (!graphOp(layer.kind).last || !read.has(layer.name)) return;
    throw new UserError(
      `${nodes[i]!.where}: ${layer.kind} is supported at the network's end only, and others read it.`,
    );
  });
}

/** By the names of nodes, of those that have it. */
function fieldOf<T>(nodes: readonly Node[], of: (node: Node) => T | undefined): Record<string, T> {
  const entries = nodes.flatMap((node) => {
    const value = of(node);
    return value === undefined ? [] : [[node.name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** As `fieldOf`; undefined where none has it. */
function someOf<T>(
  nodes: readonly Node[],
  of: (node: Node) => T | undefined,
): Record<string, T> | undefined {
  const values = fieldOf(nodes, of);
  return Object.keys(values).length > 0 ? values : undefined;
}
