/**
 * Reads a .tflite file: an int8 network with its codes, so that what runs here is what TFLite runs; a float one, whether
 * its weights are float32, float16 or int8 of dynamic range, as float weights. Strict: whatever would not be computed
 * exactly as TFLite does is an error that names the operator.
 */
import type { QuantizedModel } from '../../quant/model';
import { elements } from '../../ops/shape';
import { defined } from '../../util/defined';
import { UserError } from '../../util/errors';
import { listWords } from '../../util/list-words';
import type { FileFacts, LoadedModel, OperatorCount } from '../model';
import { withDilation } from './dilated';
import { withLastStates } from './recurrent';
import { withLayerNorms } from './layer-norm';
import type { Operator, Tensor, TfliteFile } from './file';
import { parseTflite } from './file';
import { FOLDS } from './fold';
import { readMetadata } from './metadata';
import { OPERATORS } from './operators';
import { inputOf, outputOf, Reading } from './reading';
import type { Constant } from './tensors';

export function loadTflite(bytes: Uint8Array): LoadedModel {
  const file = parseTflite(bytes);
  checkControlFlow(file);
  const { input, outputs, inner, notes } = withoutEnds(file);
  const network = new Reading(input, isInt8(file));
  for (const operator of inner) read(operator, network);
  const facts = factsOf(file, bytes);
  return network.finish(outputs, { ...facts, notes: [...facts.notes, ...notes] });
}

/** The network of an int8 file. */
export function readTflite(bytes: Uint8Array): QuantizedModel {
  const { graph, quantization } = loadTflite(bytes);
  if (quantization !== undefined) return { graph, ...quantization };
  throw new UserError('The network is not int8. Convert it with full integer quantisation.');
}

/** Everything the file computes with, read or not. Throws UserError for files that are damaged. */
export function inspectTflite(bytes: Uint8Array): FileFacts {
  return factsOf(parseTflite(bytes), bytes);
}

function read(operator: Operator, network: Reading): void {
  const { name, where, inputs, custom } = operator;
  const present = inputs.filter((tensor) => tensor !== undefined);
  if (!present.some((tensor) => network.isComputed(tensor))) {
    const constants = present.map((tensor) => network.constant(tensor, where));
    if (constants.every((constant) => constant !== undefined)) {
      return fold(operator, constants, network);
    }
  }
  if (name === 'SHAPE') {
    const { shape } = inputOf(operator);
    const constant = { shape: [shape.length], values: Float64Array.from(shape) };
    return network.setConstant(outputOf(operator), constant);
  }
  const reader = custom ? undefined : OPERATORS[name];
  if (reader === undefined) throw unsupported(operator);
  return reader(operator, network);
}

function fold(operator: Operator, constants: readonly Constant[], network: Reading): void {
  const { name, where, custom, outputs } = operator;
  const folded = custom ? undefined : FOLDS[name];
  if (folded === undefined) {
    throw new UserError(`${where} computes with constants, which is not supported for it.`);
  }
  const result = folded(operator, constants);
  const size = elements(outputs[0]?.shape ?? []);
  if (result.values.length !== size) {
    throw new UserError(
      `${where}: its output should have ${result.values.length} values, not ${size}.`,
    );
  }
  network.setConstant(outputOf(operator), result);
}

/** Operators that run subgraphs of the file, and what to export instead. */
const CONTROL_FLOW: ReadonlyMap<string, string> = new Map([
  [
    'WHILE',
    'is a loop. A recurrent layer of Keras becomes one: import the .keras or .onnx file instead, or convert the layer with unroll=True',
  ],
  ['IF', 'is a condition. Export the branch that is taken alone'],
  ['CALL', 'calls another function. Convert the network as one concrete function'],
  ['CALL_ONCE', 'sets variables up. Convert the network with its variables frozen, as constants'],
]);

/** @throws UserError where the network is more than a list of operators */
function checkControlFlow({ operators, subgraphs }: TfliteFile): void {
  for (const { name, where } of operators) {
    const what = CONTROL_FLOW.get(name.replace(/^STABLEHLO_/, ''));
    if (what !== undefined) throw new UserError(`${where} ${what}.`);
  }
  if (subgraphs === 1) return;
  throw new UserError(
    `The file has ${subgraphs} networks (subgraphs or signatures); one is supported. Convert each to a file of its own.`,
  );
}

function unsupported({ where, name, custom }: Operator): UserError {
  const instead = custom
    ? 'End the network before it, and do in code what it does.'
    : name === 'DEQUANTIZE'
      ? 'Convert the network as float or with full integer quantisation, not with a part of either.'
      : PARTS_OF_NORMS.includes(name)
        ? 'It is read as a part of a layer normalisation over the last axis, as Keras spells one out, in a float file.'
        : 'Replace it by others, or end the network before it; docs/import.md lists those that are.';
  return new UserError(`${where} is not supported. ${instead}`);
}

/** What networks compute with. Other types are shapes, indices and conditions, which are no reason to take it for float. */
const NUMBERS: readonly string[] = ['float32', 'float16', 'int8', 'int16', 'uint8'];

/** Operators that compute numbers of the input, by the type of these; what only converts one type to another is none of them. */
function computingIn({ operators, inputs }: TfliteFile): ReadonlyMap<string, readonly Operator[]> {
  const computed = new Set(inputs.map(({ index }) => index));
  const byType = new Map<string, Operator[]>();
  for (const operator of operators) {
    const { name, inputs: read, outputs } = operator;
    if (!read.some((tensor) => tensor !== undefined && computed.has(tensor.index))) continue;
    outputs.forEach(({ index }) => computed.add(index));
    const [output] = outputs;
    const converts = name === 'QUANTIZE' || name === 'DEQUANTIZE' || ONLY_SHAPES.includes(name);
    if (converts || output === undefined || !NUMBERS.includes(output.type)) continue;
    byType.set(output.type, [...(byType.get(output.type) ?? []), operator]);
  }
  return byType;
}

/** Whether what is between the ends is int8. Throws UserError for what is neither that nor float as a whole. */
function isInt8(file: TfliteFile): boolean {
  const computing = computingIn(file);
  if (computing.has('int16')) {
    throw new UserError(
      'The network computes with int16 activations, which are not supported. Convert it with int8 activations.',
    );
  }
  if (computing.has('uint8')) {
    throw new UserError(
      "The network has uint8 activations, TFLite's old quantisation, which is not supported. Convert it with int8 " +
        'activations.',
    );
  }
  const codes = computing.has('int8');
  const float = computing.get('float32') ?? [];
  if (codes && float.length > 0) throw inPartFloat(float);
  return codes || (float.length === 0 && file.tensors.some(({ type }) => type === 'int8'));
}

const MOST_NAMED = 4;

function inPartFloat(float: readonly Operator[]): UserError {
  const named = float.slice(0, MOST_NAMED).map(({ where }) => where);
  const more = float.length - named.length;
  const which = [...named, ...(more > 0 ? [`${more} more`] : [])];
  return new UserError(
    `The network is int8 in part: ${listWords(which, 'and')} ${float.length === 1 ? 'computes' : 'compute'} in float between DEQUANTIZE ` +
      'and QUANTIZE, for which TFLite has no int8 kernel or the converter was not asked for one; such a mix is not supported. Import ' +
      'the network converted as float and quantise it here, or replace what is named.',
  );
}

/** What lies between a QUANTIZE at the input and what follows at the outputs of an int8 network. */
interface Inner {
  readonly input: Tensor;
  readonly outputs: readonly Tensor[];
  readonly inner: readonly Operator[];
  readonly notes: readonly string[];
}

const INDEX_NOTE =
  'The file gives the index of the largest as a number of several bytes; here it is an int8, and the header says how to read it.';

/** What changes the shape of numbers and nothing else. */
const ONLY_SHAPES = ['RESHAPE', 'EXPAND_DIMS', 'SQUEEZE'];

/** QUANTIZE and DEQUANTIZE between the caller's numbers and the network's codes: callers give and take codes here. */
function withoutEnds(file: TfliteFile): Inner {
  const [input, ...others] = file.inputs;
  if (input === undefined || others.length > 0) {
    throw new UserError(
      `The network has ${file.inputs.length} inputs; only one is supported. Put them together as one, or split the network.`,
    );
  }
  if (input.shape[0] !== 1) {
    throw new UserError(
      `The network's input has shape [${input.shape.join(', ')}]: it must start with a batch of 1. Convert the network ` +
        'for one example at a time.',
    );
  }
  const notes: string[] = [];
  const dropped = new Set<Operator>();
  const readers = (tensor: Tensor): Operator[] =>
    file.operators.filter((operator) => operator.inputs.includes(tensor));
  let first = input;
  for (;;) {
    const [reader, ...more] = readers(first);
    const [next] = reader?.outputs ?? [];
    if (!reader || !next || more.length > 0 || file.outputs.includes(first)) break;
    const codes = reader.name === 'QUANTIZE' && first.type !== 'int8' && next.type === 'int8';
    // The caller's numbers lie in memory as the network takes them: their shape is that of the first operator.
    if (!codes && !ONLY_SHAPES.includes(reader.name)) break;
    if (codes) {
      notes.push(`The file takes ${first.type} and quantises it; here the input is int8 codes.`);
    }
    dropped.add(reader);
    first = next;
  }
  const writerOf = (tensor: Tensor): Operator | undefined =>
    file.operators.find((operator) => operator.outputs.includes(tensor));
  const chosen = new Map<Operator, Operator>();
  /** The int8 codes of what DEQUANTIZE or QUANTIZE gives the caller. */
  const codesOf = (output: Tensor): Tensor => {
    const writer = writerOf(output);
    const [before] = writer?.inputs ?? [];
    const ends = writer?.name === 'DEQUANTIZE' || writer?.name === 'QUANTIZE';
    if (!writer || !ends || before?.type !== 'int8' || output.type === 'int8') return output;
    dropped.add(writer);
    return before;
  };
  const outputs = file.outputs.map((last) => {
    const chooser = chooserOf(last, writerOf);
    if (chooser !== undefined) {
      chooser.behind.forEach((operator) => dropped.add(operator));
      const { operator } = chooser;
      // What is largest is so in codes, too.
      const [scores, ...axis] = operator.inputs;
      chosen.set(operator, { ...operator, inputs: [scores && codesOf(scores), ...axis] });
      notes.push(INDEX_NOTE);
      return outputOf(operator);
    }
    const codes = codesOf(last);
    if (codes !== last) {
      notes.push(`The file gives ${last.type}; here the output is the int8 codes it is made of.`);
    }
    return codes;
  });
  const kept = file.operators
    .filter((operator) => !dropped.has(operator))
    .map((operator) => chosen.get(operator) ?? operator);
  const inner = withLayerNorms(withDilation(withLastStates(kept, outputs), outputs), outputs);
  return { input: first, outputs, inner, notes };
}

/** Where an output is the index of the largest, perhaps of another type or shape: ARG_MAX, and what lies behind it. */
function chooserOf(
  output: Tensor,
  writerOf: (tensor: Tensor) => Operator | undefined,
): { readonly operator: Operator; readonly behind: readonly Operator[] } | undefined {
  const behind: Operator[] = [];
  let tensor: Tensor | undefined = output;
  while (tensor !== undefined) {
    const writer = writerOf(tensor);
    if (writer?.name === 'ARG_MAX') return { operator: writer, behind };
    if (writer === undefined || ![...ONLY_SHAPES, 'CAST'].includes(writer.name)) return undefined;
    behind.push(writer);
    tensor = writer.inputs[0];
  }
  return undefined;
}

function factsOf(file: TfliteFile, bytes: Uint8Array): FileFacts {
  const { inputs, outputs, operators } = file;
  const [input] = inputs;
  return {
    format: 'TFLite',
    operators: countsOf(operators),
    weightsType: weightsTypeOf(file),
    parameters: parametersOf(file),
    outputNames: outputs.map(({ name }) => name),
    outputShapes: outputs.map(({ shape }) => shape),
    notes: [],
    ...defined({ inputName: input?.name, inputShape: input?.shape }),
    ...readMetadata(file.metadata, bytes),
  };
}

/** What is nothing but a part of a layer normalisation (layer-norm.ts). */
const PARTS_OF_NORMS: readonly string[] = ['SQUARED_DIFFERENCE', 'RSQRT'];

/** Operators that become no layer. */
const OTHERS: readonly string[] = [
  'SHAPE',
  'SPACE_TO_BATCH_ND',
  'BATCH_TO_SPACE_ND',
  ...PARTS_OF_NORMS,
];

function countsOf(operators: readonly Operator[]): OperatorCount[] {
  const counts = new Map<string, { count: number; supported: boolean }>();
  for (const { name, custom } of operators) {
    const { count } = counts.get(name) ?? { count: 0 };
    const supported = !custom && (name in OPERATORS || name in FOLDS || OTHERS.includes(name));
    counts.set(name, { count: count + 1, supported });
  }
  return [...counts]
    .map(([name, { count, supported }]) => ({
      ...{ name, count },
      ...defined({ unsupported: supported ? undefined : (true as const) }),
    }))
    .sort((a, b) => b.count - a.count);
}

/** Constants of operators that multiply with them; shapes and axes are int32 and no weights. */
function weightTensors({ tensors }: TfliteFile): Tensor[] {
  return tensors.filter(
    ({ data, type }) => data.length > 0 && ['float32', 'float16', 'int8'].includes(type),
  );
}

function weightsTypeOf(file: TfliteFile): FileFacts['weightsType'] {
  const constants = new Set(weightTensors(file).map(({ type }) => type));
  if (computingIn(file).has('int8')) return 'int8';
  if (constants.has('int8')) return 'dynamic';
  return constants.has('float16') ? 'float16' : 'float32';
}

function parametersOf(file: TfliteFile): number {
  return weightTensors(file).reduce((sum, { shape }) => sum + elements(shape), 0);
}
