/** From the graph of an ONNX file to a network: operator by operator, each output is a constant or a step. */
import type { Shape } from '../../ops/shape';
import { elements } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { ReadBeside } from '../model';
import * as activations from './activations';
import { binary, neg } from './arithmetic';
import {
  canFold,
  constant,
  flattened,
  fold,
  listOf,
  permutation,
  reshaped,
  shapeOf,
  squeezed,
  unsqueezed,
} from './fold';
import type { Value } from './layout';
import { dimsOf, liesAs, reshaped as reshapedValue, transposed, valueOf } from './layout';
import type { Step } from './network';
import { inputStep } from './network';
import { LayoutError, NodeReader } from './node';
import * as normalization from './normalization';
import type { Entry, Handler, Operator } from './operator';
import { constantOf } from './operator';
import type { GraphProto, ModelProto, NodeProto, ValueProto } from './proto';
import * as recurrent from './recurrent';
import * as spatial from './spatial';
import type { Tensor } from './tensor';
import { ints, readTensor, typeName } from './tensor';
import * as weighted from './weighted';

/** Elements of all constants that are computed from others: bounds memory and time of hostile files. */
const MOST_FOLDED = 1 << 25;

export interface Network {
  readonly inputShape: Shape;
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly notes: readonly string[];
}

const passes: Handler = (operator) => operator.give(operator.value(0));

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['Identity', passes],
  ['Dropout', passes],
  ['Cast', cast],
  ['CastLike', passes],
  ['QuantizeLinear', quantised],
  ['DequantizeLinear', quantised],
  ['Shape', (operator) => operator.giveConstant(shapeOf(dimsOf(operator.value(0)), operator.node))],
  ['Size', (operator) => operator.giveConstant(ints([elements(dimsOf(operator.value(0)))], []))],
  [
    'Transpose',
    (operator) => {
      const value = operator.value(0);
      operator.give(transposed(value, permutation(value.axes.length, operator.node)));
    },
  ],
  [
    'Reshape',
    (operator) => {
      const { node } = operator;
      const wanted = listOf(constantOf(operator, 1, 'sizes'));
      redimensioned(operator, (dims) => reshaped(dims, wanted, node));
    },
  ],
  ['Flatten', (operator) => redimensioned(operator, (dims) => flattened(dims, operator.node))],
  [
    'Squeeze',
    (operator) => {
      const axes = axesInput(operator);
      redimensioned(operator, (dims) => squeezed(dims, axes, operator.node));
    },
  ],
  [
    'Unsqueeze',
    (operator) => {
      const axes = axesInput(operator) ?? operator.node.fail('lacks its axes');
      redimensioned(operator, (dims) => unsqueezed(dims, axes, operator.node));
    },
  ],
  [
    'Expand',
    (operator) => {
      const { node } = operator;
      const value = operator.value(0);
      const wanted = listOf(constantOf(operator, 1, 'a shape'));
      const dims = dimsOf(value);
      const same =
        wanted.length <= dims.length &&
        wanted.every((n, i) => n === 1 || n === dims[dims.length - wanted.length + i]);
      if (!same) node.fail('repeats what the network computes, which is not supported');
      operator.give(value);
    },
  ],
  ['Conv', weighted.conv],
  ['ConvTranspose', weighted.convTranspose],
  ['Gemm', weighted.gemm],
  ['MatMul', weighted.matMul],
  ['BatchNormalization', normalization.batchNormalization],
  ['LayerNormalization', normalization.layerNormalization],
  ['Relu', activations.relu],
  ['Clip', activations.clip],
  ['LeakyRelu', activations.leakyRelu],
  ['PRelu', activations.prelu],
  ['Sigmoid', activations.sigmoid],
  ['Tanh', activations.tanh],
  ['HardSigmoid', activations.hardSigmoid],
  ['HardSwish', activations.hardSwish],
  ['Elu', activations.elu],
  ['LogSoftmax', activations.logSoftmax],
  ['Softmax', activations.softmax],
  ['Add', binary('Add')],
  ['Sub', binary('Sub')],
  ['Mul', binary('Mul')],
  ['Div', binary('Div')],
  ['Neg', neg],
  ['Pow', normalization.pow],
  ['Sqrt', normalization.sqrt],
  ['MaxPool', spatial.maxPool],
  ['AveragePool', spatial.averagePool],
  ['GlobalAveragePool', spatial.globalPool('globalAveragePool')],
  ['GlobalMaxPool', spatial.globalPool('globalMaxPool')],
  ['ReduceMean', spatial.reduce('globalAveragePool')],
  ['ReduceMax', spatial.reduce('globalMaxPool')],
  ['Slice', spatial.slice],
  ['Split', spatial.split],
  ['Gather', spatial.gather],
  ['Concat', spatial.concat],
  ['Pad', spatial.pad],
  ['Resize', spatial.resize],
  ['Upsample', spatial.resize],
  ['DepthToSpace', spatial.depthToSpace],
  ['ArgMax', spatial.argMax],
  ['LSTM', recurrent.lstm],
  ['GRU', recurrent.gru],
]);

/** Whether such an operator can be read, if only while what it computes with is known. */
export function isSupported(type: string): boolean {
  return HANDLERS.has(type) || type === 'Constant' || canFold(type);
}

/**
 * The network of a file. Whether its input lies channels first or last only those who read it tell: what fits is taken.
 *
 * @throws UserError
 */
export function convert(model: ModelProto, beside?: ReadBeside): Network {
  const given = sorted(model.graph);
  const input = inputOf(model.graph);
  const dims = inputDims(input);
  const files = beside && once(beside);
  /** What went wrong in the layout that got furthest: in a wrong one axes are mixed up at once. */
  let worst: { readonly error: unknown; readonly done: number } | undefined;
  for (const order of layouts(dims)) {
    const conversion = new Conversion(model, given, files);
    try {
      return conversion.run(input, dims, order);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { done } = conversion;
      if (worst === undefined || done > worst.done) worst = { error, done };
      if (!(error instanceof LayoutError)) break;
    }
  }
  throw worst?.error;
}

/** Reads each file once: one may hold the values of all tensors. */
function once(beside: ReadBeside): ReadBeside {
  const files = new Map<string, Uint8Array>();
  return (name) => {
    const bytes = files.get(name) ?? beside(name);
    files.set(name, bytes);
    return bytes;
  };
}

function inputOf({ inputs, initializers, nodes }: GraphProto): ValueProto {
  const known = new Set(initializers.map(({ name }) => name));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const given = inputs.filter(({ name }) => !known.has(name));
  const read = given.filter(({ name }) => used.has(name));
  const [input, ...others] = read;
  if (input === undefined) throw new UserError('The network reads no input.');
  if (others.length > 0) {
    const names = read.map(({ name }) => JSON.stringify(name.slice(0, 40))).slice(0, 6);
    throw new UserError(
      `The network has ${read.length} inputs, ${names.join(', ')}; one is supported. Export it with the others as constants, ` +
        'or, where they are states of an LSTM, over a window of fixed length without them.',
    );
  }
  return input;
}

function inputDims({ name, dims, type }: ValueProto): number[] {
  const where = `The input ${JSON.stringify(name.slice(0, 60))}`;
  if (dims === undefined)
    throw new UserError(`${where} has no shape; export the network with one.`);
  if (type !== 1 && type !== 10 && type !== 11)
    throw new UserError(`${where} has elements of type ${typeName(type)}; float is supported.`);
  const fixed = dims.map((n, axis) =>
    axis === 0 && (n === undefined || n < 1) && dims.length > 1 ? 1 : n,
  );
  const open = fixed.findIndex((n) => n === undefined || n < 1);
  if (open >= 0) {
    throw new UserError(
      `${where} leaves the size of its dimension ${open} open; here memory is planned beforehand. Export the network with a fixed ` +
        'size there: leave that dimension out of dynamic_axes or dynamic_shapes.',
    );
  }
  const found = fixed.map((n) => n ?? 1);
  const [first = 1, second = 1] = found;
  // Of three axes the second may be the batch: sequences have theirs there. Of two none need be.
  if (first > 1 && (found.length === 4 || (found.length === 3 && second > 1))) {
    throw new UserError(
      `${where} has shape [${found.join(', ')}], a batch of ${first}; here the network sees one example at a time. Export it with a ` +
        'batch of 1, or with an open one (dynamic_axes or dynamic_shapes).',
    );
  }
  if (elements(found) > 1 << 26)
    throw new UserError(`${where} of shape [${found.join(', ')}] is too large.`);
  return found;
}

/** In which orders the input's axes may lie in memory, the likely one first. */
function layouts(dims: readonly number[]): number[][] {
  const natural = dims.map((_, axis) => axis);
  if (dims.length === 3) return [natural, [0, 2, 1]];
  if (dims.length !== 4) return [natural];
  const first = [0, 2, 3, 1];
  const few = (n: number | undefined): boolean => n !== undefined && n <= 4;
  return few(dims[3]) && !few(dims[1]) ? [natural, first] : [first, natural];
}

/** Nodes in an order in which each stands behind those it reads. */
function sorted({ nodes, inputs, initializers }: GraphProto): NodeProto[] {
  const producers = new Map<string, number>();
  const given = new Set([...inputs, ...initializers].map(({ name }) => name));
  nodes.forEach(({ outputs, type }, i) => {
    for (const output of outputs) {
      if (output === '') continue;
      if (producers.has(output) || given.has(output)) {
        throw new UserError(
          `Operator ${i} (${type}) writes ${JSON.stringify(output.slice(0, 60))}, which something else writes too: the file is damaged.`,
        );
      }
      producers.set(output, i);
    }
  });
  const waits = nodes.map(() => 0);
  const readers = nodes.map((): number[] => []);
  nodes.forEach((node, i) => {
    for (const name of new Set(node.inputs)) {
      if (name === '') continue;
      const producer = producers.get(name);
      if (producer !== undefined) {
        waits[i]!++;
        readers[producer]!.push(i);
      } else if (!given.has(name)) {
        throw new UserError(
          `Operator ${i} (${node.type}) reads ${JSON.stringify(name.slice(0, 60))}, which nothing writes: the file is damaged.`,
        );
      }
    }
  });
  const ready = nodes.flatMap((_, i) => (waits[i] === 0 ? [i] : []));
  for (let at = 0; at < ready.length; at++) {
    for (const reader of readers[ready[at]!]!) if (--waits[reader]! === 0) ready.push(reader);
  }
  if (ready.length < nodes.length) {
    const stuck = waits.findIndex((n) => n > 0);
    throw new UserError(
      `Operator ${stuck} (${nodes[stuck]!.type}) reads, by way of others, its own output: the file is damaged.`,
    );
  }
  return ready.map((i) => nodes[i]!);
}

class Conversion {
  readonly #entries = new Map<string, Entry>();
  readonly #initializers: ReadonlyMap<string, GraphProto['initializers'][number]>;
  readonly #readers = new Map<string, number>();
  readonly #notes = new Set<string>();
  #folded = 0;
  /** Operators that are read. */
  done = 0;

  constructor(
    readonly model: ModelProto,
    readonly nodes: readonly NodeProto[],
    readonly beside: ReadBeside | undefined,
  ) {
    const { graph } = model;
    this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    // Who asks for its shape alone reads nothing of it.
    const computing = nodes.filter(({ type }) => type !== 'Shape' && type !== 'Size');
    const reads = [
      ...computing.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ name }) => name),
    ];
    for (const name of reads) this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    // An output is read by others than operators.
    for (const { name } of graph.outputs)
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
  }

  run(input: ValueProto, dims: readonly number[], order: readonly number[]): Network {
    const [height, width, channels] = [
      ...[1, 1, 1],
      ...order.map((axis) => dims[axis]!).filter((n, i) => i > 0 || n > 1),
    ].slice(-3) as [number, number, number];
    const tooMany = dims.filter((n) => n > 1).length > 3;
    if (tooMany)
      throw new UserError(
        `The input has shape [${dims.join(', ')}]; the batch must be 1, and at most three other dimensions larger than 1.`,
      );
    const source = inputStep([height, width, channels]);
    this.#give(input.name, { is: 'value', value: valueOf(source, dims, order) });
    this.nodes.forEach((node, index) => {
      this.#convert(node, index);
      this.done++;
    });
    const outputs = this.model.graph.outputs.map(({ name }) => ({
      name,
      value: this.#output(name),
    }));
    if (outputs.length === 0) throw new UserError('The network has no output.');
    return { inputShape: [height, width, channels], outputs, notes: [...this.#notes] };
  }

  #output(name: string): Value {
    const entry = this.#entry(name);
    const where = `The output ${JSON.stringify(name.slice(0, 60))}`;
    if (entry === undefined)
      throw new UserError(`${where} is written by no operator: the file is damaged.`);
    if (entry.is === 'unsupported') throw entry.error;
    if (entry.is === 'constant') throw new UserError(`${where} does not depend on the input.`);
    const { value } = entry;
    const file = value.axes.flat();
    // A flattened image that has just been computed may as well come out in the file's order.
    const ordered = liesAs(value, file) ?? value;
    if (ordered.memory.some((factor, i) => factor !== file[i])) {
      this.#notes.add(
        `${where} comes in the order height, width, channels; the file's is [${dimsOf(value).join(', ')}].`,
      );
    }
    return ordered;
  }

  #entry(name: string): Entry | undefined {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const proto = this.#initializers.get(name);
    if (proto === undefined) return undefined;
    const entry: Entry = {
      is: 'constant',
      tensor: readTensor(proto, JSON.stringify(name.slice(0, 100)), this.beside),
    };
    this.#entries.set(name, entry);
    return entry;
  }

  #reads(name: string): number {
    return name === '' ? 0 : (this.#readers.get(name) ?? 0);
  }

  #give(name: string, entry: Entry): void {
    if (entry.is === 'value' && this.#reads(name) > 1) entry.value.step.shared = true;
    this.#entries.set(name, entry);
  }

  #convert(proto: NodeProto, index: number): void {
    const opset = this.model.opsets.get(proto.domain) ?? this.model.opsets.get('') ?? 0;
    const node = new NodeReader(proto, {
      index,
      opset,
      constants: (name) => {
        const entry = this.#entry(name);
        return entry?.is === 'constant' ? entry.tensor : undefined;
      },
    });
    const outputs = proto.outputs.filter((name) => name !== '');
    const refuse = (error: UserError): void =>
      outputs.forEach((name) => this.#give(name, { is: 'unsupported', error }));
    const inputs = proto.inputs.map((name) => (name === '' ? undefined : this.#entry(name)));
    const refused = inputs.find((entry) => entry?.is === 'unsupported');
    if (refused?.is === 'unsupported') return refuse(refused.error);
    try {
      if (proto.domain !== '' && !OTHER_DOMAINS.has(proto.domain))
        throw unknownOperator(node, proto, this.model);
      if (inputs.every((entry) => entry === undefined || entry.is === 'constant')) {
        const tensors = inputs.map((entry) =>
          entry?.is === 'constant' ? entry.tensor : undefined,
        );
        const folded =
          proto.type === 'Constant' ? [constant(node)] : fold(proto.type, tensors, node);
        if (folded !== undefined) {
          folded.forEach((tensor, i) => this.#giveConstant(proto.outputs[i], tensor, node));
          return;
        }
      }
      const handler = HANDLERS.get(proto.type);
      if (handler === undefined) throw unknownOperator(node, proto, this.model);
      handler(this.#operator(node, proto));
      // What no handler gives, such as the mask of a dropout, nobody may read.
      const missing = new UserError(
        `${node.where} has outputs that are not supported, and others read them.`,
      );
      for (const name of outputs)
        if (!this.#entries.has(name)) this.#give(name, { is: 'unsupported', error: missing });
    } catch (error) {
      // Another layout of the input may do; what nobody needs does not matter.
      if (!(error instanceof UserError) || error instanceof LayoutError) throw error;
      refuse(error);
    }
  }

  #giveConstant(name: string | undefined, tensor: Tensor, node: NodeReader): void {
    this.#folded += tensor.values.length;
    if (this.#folded > MOST_FOLDED)
      node.fail(
        `computes constants that together with others have more than ${MOST_FOLDED} elements; the file is too large`,
      );
    if (name !== undefined && name !== '') this.#give(name, { is: 'constant', tensor });
  }

  #operator(node: NodeReader, proto: NodeProto): Operator {
    const entry = (index: number): Entry | undefined => this.#entry(proto.inputs[index] ?? '');
    return {
      node,
      inputs: proto.inputs.length,
      value: (index) => {
        const found = entry(index);
        return found?.is === 'value'
          ? found.value
          : node.fail(
              found === undefined
                ? 'lacks an input'
                : `has a constant as its input ${index}, which is not supported`,
            );
      },
      isConstant: (index) => entry(index)?.is === 'constant',
      isRead: (output) => this.#reads(proto.outputs[output] ?? '') > 0,
      give: (value, output = 0) => {
        const name = proto.outputs[output] ?? '';
        if (name !== '') this.#give(name, { is: 'value', value });
      },
      giveConstant: (tensor) => this.#giveConstant(proto.outputs[0], tensor, node),
      note: (sentence) => this.#notes.add(sentence),
    };
  }
}

/** Microsoft's domain has a few operators that ONNX has as well. */
const OTHER_DOMAINS: ReadonlySet<string> = new Set(['com.microsoft']);

function unknownOperator(node: NodeReader, proto: NodeProto, model: ModelProto): UserError {
  const own = model.functions.has(`${proto.domain}:${proto.type}`);
  const advice =
    ADVICE[proto.type] ??
    (own
      ? 'It is a function of the file: export with inlined functions (onnx.inliner.inline_local_functions).'
      : 'Replace it in the network before exporting, or leave it to the code around.');
  return new UserError(`${node.where} is an operator that is not supported. ${advice}`);
}

/** What to do instead, where it is known. */
const ADVICE: Readonly<Record<string, string>> = {
  If: 'Branches cannot be planned for: export with torch.onnx.export(…, dynamo=True), or with fixed shapes, so that the condition is known.',
  Loop: 'Loops cannot be planned for: export with fixed shapes, or write the steps out.',
  Scan: 'Loops cannot be planned for: export with fixed shapes, or write the steps out.',
  ConvInteger: 'Import the float network instead, and quantise it here.',
  MatMulInteger: 'Import the float network instead, and quantise it here.',
  QLinearConv: 'Import the float network, or the same quantised in QDQ format (QuantFormat.QDQ).',
  QLinearMatMul: 'Import the float network, or the same quantised in QDQ format (QuantFormat.QDQ).',
  DynamicQuantizeLinear: 'Import the float network instead, and quantise it here.',
  Erf: 'It is part of a GELU: train with ReLU or hard swish in its place.',
  Gelu: 'Train with ReLU or hard swish in its place.',
  InstanceNormalization:
    'It needs statistics of each input: train with batch normalisation in its place.',
  GroupNormalization:
    'It needs statistics of each input: train with batch normalisation in its place.',
  Einsum: 'Write it as Linear or Conv with constant weights.',
};

/** Codes of ONNX's types: (u)int8, (u)int16, (u)int32, (u)int64. */
const WHOLE_NUMBERS: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7, 12, 13]);

function cast(operator: Operator): void {
  const { node } = operator;
  const to = node.int('to', 1);
  // An index is a whole number already, and no type of the file's says how it lies in the output here.
  if (operator.value(0).step.op === 'argmax' && WHOLE_NUMBERS.has(to)) {
    return operator.give(operator.value(0));
  }
  if (to !== 1 && to !== 10 && to !== 11 && to !== 16) {
    node.fail(
      `makes ${typeName(to)} of what the network computes, which is not supported; leave the cast to the code around`,
    );
  }
  operator.give(operator.value(0));
}

/** Codes that begin at zero clamp as a ReLU does, and tools that quantise leave the ReLU out then. */
function quantised(operator: Operator): void {
  const { node } = operator;
  operator.note(
    'Activations that the file quantises are computed in float and quantised here anew; weights are those of the file, dequantised.',
  );
  const zero = node.constant(2);
  const least = zero?.elementType === 'int8' ? -128 : zero?.elementType === 'int16' ? -32768 : 0;
  const clamps = node.type === 'QuantizeLinear' && (zero?.values[0] ?? 0) === least;
  if (clamps && !isPositive(operator.value(0).step)) activations.relu(operator);
  else operator.give(operator.value(0));
}

/** Whether none of its numbers can be below zero. */
function isPositive({ op, numbers, inputs }: Step): boolean {
  if (op === 'clamp') return numbers?.[0] === 0;
  if (POSITIVE.has(op)) return true;
  return KEEPING.has(op) && inputs.every(isPositive);
}

const POSITIVE: ReadonlySet<string> = new Set(['softmax', 'sigmoid', 'hardSigmoid']);
const KEEPING: ReadonlySet<string> = new Set([
  'flatten',
  'reshape',
  'pad',
  'slice',
  'concat',
  'resize',
  'maxPool2d',
  'averagePool2d',
  'globalAveragePool',
  'globalMaxPool',
]);

function axesInput({ node }: Operator): readonly number[] | undefined {
  if (node.hasInput(1))
    return node.axes(node.constant(1) ?? node.fail('has axes that are only known when it runs'));
  return node.axes(undefined);
}

function redimensioned(
  operator: Operator,
  dims: (of: readonly number[]) => readonly number[],
): void {
  const value = operator.value(0);
  operator.give(reshapedValue(value, dims(dimsOf(value)), operator.node));
}
