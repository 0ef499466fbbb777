/**
 * A .tflite file as plain data: tensors, operators, what it says of itself. Nothing is judged here but whether the file is
 * whole. Field numbers follow TFLite's schema.fbs, version 3.
 */
import type { Pair, Sides } from '../../ops/shape';
import { UserError } from '../../util/errors';
import { FlatTable } from './flatbuffer';
import { OPERATOR_NAMES } from './operator-names';
import { denseBytes } from './sparse';

/** TFLite's types of elements by their codes; code 0 first. */
export const TYPES = [
  ...['float32', 'float16', 'int32', 'uint8', 'int64', 'string', 'bool', 'int16', 'complex64'],
  ...['int8', 'float64', 'complex128', 'uint64', 'resource', 'variant', 'uint32', 'uint16', 'int4'],
] as const;

export interface Tensor {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  /** `float32`, `int8` …; `type 99` where TFLite has got a new one. */
  readonly type: string;
  /** As it lies in the file, with the zeros in it that sparse ones leave out; empty where it is no constant. */
  readonly data: Uint8Array;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly quantizedDimension: number;
}

export interface Operator {
  /** `CONV_2D`; of a custom one the name it has of its own. */
  readonly name: string;
  readonly custom: boolean;
  /** Names it in errors: `Operator 3 (CONV_2D)`. */
  readonly where: string;
  /** Fields of its own table of options; those that are absent have TFLite's defaults. */
  readonly options: FlatTable;
  /** Undefined for an optional input that it does not have. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly Tensor[];
  /** Tensors that say how the operator computes inside. */
  readonly intermediates: readonly Tensor[];
  /** Of a convolution that the file spells out with others around it (dilated.ts): how it lies over its input. */
  readonly dilated?: { readonly dilation: Pair; readonly padding: Sides };
  /** Of a layer normalisation that the file spells out (layer-norm.ts). */
  readonly layerNorm?: LayerNormParts;
}

/** Constants of a layer normalisation, one value or one for each channel. */
export interface LayerNormParts {
  readonly epsilon: Tensor;
  /** 1 where there is none. */
  readonly gamma?: Tensor;
  /** 0 where there is none. */
  readonly beta?: Tensor;
}

export interface TfliteFile {
  readonly tensors: readonly Tensor[];
  /** Of the first subgraph, which is the network; others are what its loops and conditions do. */
  readonly operators: readonly Operator[];
  readonly subgraphs: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** What the file calls its metadata, and their bytes. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

const CUSTOM = OPERATOR_NAMES.indexOf('CUSTOM');
/** TFLite's kernels go no further, and no shape here needs more. */
const MOST_DIMENSIONS = 8;

/** @throws UserError where the file is damaged or no .tflite file */
export function parseTflite(bytes: Uint8Array): TfliteFile {
  const file = FlatTable.root(bytes, 'TFL3');
  const subgraphs = file.tables(2);
  const [subgraph] = subgraphs;
  if (subgraph === undefined) throw new UserError('Damaged file: it has no network.');
  const buffers = file.tables(4);
  const kinds = file.tables(1).map(kindOf);
  const tensors = withDense(
    subgraph.tables(0).map((table, index) => readTensor(table, index, buffers)),
    subgraph.tables(3).filter((table) => kinds[table.uint32(0)]?.name === 'DENSIFY'),
  );
  const tensorAt = (index: number): Tensor => {
    const tensor = tensors[index];
    if (tensor === undefined) throw new UserError(`Damaged file: there is no tensor ${index}.`);
    return tensor;
  };
  const operators = subgraph.tables(3).map((table, position): Operator => {
    const kind = kinds[table.uint32(0)];
    if (kind === undefined) {
      throw new UserError(`Damaged file: operator ${position} has no code.`);
    }
    return {
      ...kind,
      where: `Operator ${position} (${kind.custom ? 'custom ' : ''}${kind.name})`,
      options: table.table(4) ?? FlatTable.empty(),
      inputs: table.int32s(1).map((index) => (index === -1 ? undefined : tensorAt(index))),
      outputs: table.int32s(2).map(tensorAt),
      intermediates: table.int32s(8).map(tensorAt),
    };
  });
  const metadata = file.tables(6).map((entry): [string, Uint8Array] => {
    const buffer = buffers[entry.uint32(1)];
    return [entry.string(0), buffer?.bytes(0) ?? new Uint8Array(0)];
  });
  return {
    tensors,
    operators,
    subgraphs: subgraphs.length,
    inputs: subgraph.int32s(1).map(tensorAt),
    outputs: subgraph.int32s(2).map(tensorAt),
    metadata: new Map(metadata),
  };
}

/** Old files have the code in a byte, whose largest value leads to a field of more bits. */
function kindOf(table: FlatTable): Pick<Operator, 'name' | 'custom'> {
  const code = Math.max(table.int8(0), table.int32(3));
  const custom = code === CUSTOM;
  return { custom, name: custom ? table.string(1) : (OPERATOR_NAMES[code] ?? `code ${code}`) };
}

function readTensor(table: FlatTable, index: number, buffers: readonly FlatTable[]): Tensor {
  const buffer = buffers[table.uint32(2)];
  if (buffer === undefined) throw new UserError(`Damaged file: tensor ${index} has no buffer.`);
  const quantization = table.table(4);
  const shape = table.int32s(0);
  if (shape.length > MOST_DIMENSIONS || shape.some((size) => size < 0)) {
    throw new UserError(`Damaged file: tensor ${index} has shape [${shape.join(', ')}].`);
  }
  const code = table.int8(1);
  const stored = { index, shape, type: TYPES[code] ?? `type ${code}`, data: buffer.bytes(0) };
  const sparsity = table.table(6);
  return {
    ...stored,
    name: table.string(3),
    data: sparsity && stored.data.length > 0 ? denseBytes(sparsity, stored) : stored.data,
    scales: quantization?.float32s(2) ?? [],
    zeroPoints: quantization?.int64s(3) ?? [],
    quantizedDimension: quantization?.int32(6) ?? 0,
  };
}

/** What DENSIFY makes of constants are constants. */
function withDense(tensors: readonly Tensor[], densify: readonly FlatTable[]): readonly Tensor[] {
  const made = new Map(
    densify.map((table) => {
      const [[from = -1], [to = -1]] = [table.int32s(1), table.int32s(2)];
      return [to, tensors[from]?.data ?? new Uint8Array(0)] as const;
    }),
  );
  return tensors.map((tensor) => ({ ...tensor, data: made.get(tensor.index) ?? tensor.data }));
}
