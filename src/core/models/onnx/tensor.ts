/** Values that are known while the file is read: weights, and the whole numbers that shapes are computed with. */
import { elements } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { ReadBeside } from '../model';
import type { ExternalData, TensorProto } from './proto';

/** Numbers with a comma are float32 whatever the file's precision is; whole numbers and truth values are exact. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly type: 'float' | 'int' | 'bool';
  readonly values: Float32Array | Float64Array;
  /** The file's own type of elements, where they are read from it as they are. */
  readonly elementType?: string;
}

/** Elements that a single computed constant may have: more than any network that fits a microcontroller needs. */
const MOST_ELEMENTS = 1 << 24;

type Reader = (view: DataView, at: number) => number;

interface DataType {
  readonly name: string;
  readonly bytes: number;
  readonly type: Tensor['type'];
  readonly read: Reader;
}

const DATA_TYPES: Readonly<Record<number, DataType>> = {
  1: { name: 'float', bytes: 4, type: 'float', read: (v, at) => v.getFloat32(at, true) },
  2: { name: 'uint8', bytes: 1, type: 'int', read: (v, at) => v.getUint8(at) },
  3: { name: 'int8', bytes: 1, type: 'int', read: (v, at) => v.getInt8(at) },
  4: { name: 'uint16', bytes: 2, type: 'int', read: (v, at) => v.getUint16(at, true) },
  5: { name: 'int16', bytes: 2, type: 'int', read: (v, at) => v.getInt16(at, true) },
  6: { name: 'int32', bytes: 4, type: 'int', read: (v, at) => v.getInt32(at, true) },
  7: { name: 'int64', bytes: 8, type: 'int', read: (v, at) => Number(v.getBigInt64(at, true)) },
  9: { name: 'bool', bytes: 1, type: 'bool', read: (v, at) => v.getUint8(at) },
  10: { name: 'float16', bytes: 2, type: 'float', read: (v, at) => float16(v.getUint16(at, true)) },
  11: { name: 'double', bytes: 8, type: 'float', read: (v, at) => v.getFloat64(at, true) },
  12: { name: 'uint32', bytes: 4, type: 'int', read: (v, at) => v.getUint32(at, true) },
  13: { name: 'uint64', bytes: 8, type: 'int', read: (v, at) => Number(v.getBigUint64(at, true)) },
  16: {
    name: 'bfloat16',
    bytes: 2,
    type: 'float',
    read: (v, at) => bfloat16(v.getUint16(at, true)),
  },
};

/** What ONNX calls a type of elements. */
export function typeName(type: number): string {
  return DATA_TYPES[type]?.name ?? `type ${type}`;
}

export function tensorType(type: number): Tensor['type'] | undefined {
  return DATA_TYPES[type]?.type;
}

/**
 * @param name what the tensor is called in errors
 * @param beside reads what lies in the same folder as the file
 */
export function readTensor(proto: TensorProto, name: string, beside?: ReadBeside): Tensor {
  const type = DATA_TYPES[proto.type];
  if (type === undefined) {
    throw new UserError(`${name} has elements of type ${proto.type}, which is not supported.`);
  }
  const count = sizeOf(proto.dims, name);
  const read =
    proto.external === undefined
      ? valuesOf(proto, type)
      : fixed(
          [externalBytes(proto.external, count * type.bytes, name, beside)],
          type.bytes,
          type.read,
        );
  if (read.length !== count) {
    throw new UserError(
      `${name} should have ${count} values (${proto.dims.join('×') || 'a single one'}) but has ${read.length}.`,
    );
  }
  const values = type.type === 'float' ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read.at(i);
  return { dims: proto.dims, type: type.type, values, elementType: type.name };
}

/** What newer PyTorch writes into a file of its own unless it is told not to. */
function externalBytes(
  { location, offset, length }: ExternalData,
  wanted: number,
  name: string,
  beside: ReadBeside | undefined,
): Uint8Array {
  const advice =
    'Put that file beside the network, or export the network as one file: torch.onnx.export(…, external_data=False).';
  const file = JSON.stringify(location.slice(0, 100));
  let bytes: Uint8Array;
  try {
    if (beside === undefined) throw new UserError('it cannot be read from here');
    bytes = beside(location);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `The values of ${name} lie in the file ${file}: ${error.message}. ${advice}`,
      { cause: error },
    );
  }
  const end = offset + (length ?? bytes.length - offset);
  if (!(
    Number.isInteger(offset) &&
    offset >= 0 &&
    end <= bytes.length &&
    end - offset === wanted
  )) {
    throw new UserError(
      `The values of ${name} should be ${wanted} bytes of ${file} from ${offset} on, which has ${bytes.length}: one of the two files is damaged or of another export. ${advice}`,
    );
  }
  return bytes.subarray(offset, end);
}

function valuesOf(proto: TensorProto, type: DataType): { length: number; at(i: number): number } {
  if (proto.raw !== undefined) return fixed([proto.raw], type.bytes, type.read);
  if (type.name === 'float') return fixed(proto.floats, 4, type.read);
  if (type.name === 'double') return fixed(proto.doubles, 8, type.read);
  const { ints } = proto;
  const half = type.name === 'float16' ? float16 : type.name === 'bfloat16' ? bfloat16 : undefined;
  return { length: ints.length, at: (i) => (half ? half(ints[i]!) : ints[i]!) };
}

function fixed(
  runs: readonly Uint8Array[],
  bytes: number,
  read: Reader,
): ReturnType<typeof valuesOf> {
  const all = runs.length === 1 ? runs[0]! : Buffer.concat(runs);
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  return { length: all.length / bytes, at: (i) => read(view, i * bytes) };
}

/** Number of elements, refused where it cannot be one. */
export function sizeOf(dims: readonly number[], name: string): number {
  const count = elements(dims);
  if (!dims.every((n) => Number.isInteger(n) && n >= 0) || count > MOST_ELEMENTS) {
    throw new UserError(
      `${name} has shape [${dims.slice(0, 8).join(', ')}], which is damaged or too large: at most ${MOST_ELEMENTS} elements are read.`,
    );
  }
  return count;
}

export function ints(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return { dims, type: 'int', values: Float64Array.from(values) };
}

export function floats(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return { dims, type: 'float', values: Float32Array.from(values) };
}

/** A tensor of this type whose element at each position is a function of it. */
export function filled(
  type: Tensor['type'],
  dims: readonly number[],
  name: string,
  value: (index: number) => number,
): Tensor {
  const count = sizeOf(dims, name);
  const values = type === 'float' ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = value(i);
  return { dims, type, values };
}

/** For each element, in order, of a tensor of shape `dims`, where it lies: Σ index · stride. */
export function strided(
  dims: readonly number[],
  strides: readonly number[],
  start = 0,
): Int32Array {
  const count = elements(dims);
  const offsets = new Int32Array(count);
  const index = new Array<number>(dims.length).fill(0);
  let offset = start;
  for (let i = 0; i < count; i++) {
    offsets[i] = offset;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      offset -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return offsets;
}

/** Strides of a tensor that lies in order. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--)
    strides[axis] = strides[axis + 1]! * dims[axis + 1]!;
  return strides;
}

export function transposed(tensor: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(tensor.dims);
  const dims = order.map((axis) => tensor.dims[axis]!);
  const from = strided(
    dims,
    order.map((axis) => strides[axis]!),
  );
  return { ...tensor, dims, values: tensor.values.map((_, i) => tensor.values[from[i]!]!) };
}

/** The shape that both have by NumPy's rules; undefined where there is none. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[a.length - rank + axis] ?? 1;
    const y = b[b.length - rank + axis] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    dims.push(x === 1 ? y : x);
  }
  return dims;
}

/** Where the elements of a tensor lie that is read as one of shape `dims`, which it can be broadcast to. */
export function broadcastOffsets(from: readonly number[], dims: readonly number[]): Int32Array {
  const own = stridesOf(from);
  const skip = dims.length - from.length;
  return strided(
    dims,
    dims.map((_, axis) => (axis < skip || from[axis - skip] === 1 ? 0 : own[axis - skip]!)),
  );
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits * 65536);
  return view.getFloat32(0);
}
