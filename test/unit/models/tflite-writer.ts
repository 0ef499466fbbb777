/** Writes .tflite files for tests, whatever they hold: also what no converter would write. */
import { OPERATOR_NAMES } from '../../../src/core/models/tflite/operator-names';
import { TYPES } from '../../../src/core/models/tflite/file';

type Value =
  | { readonly int8: number }
  | { readonly int32: number }
  | { readonly float32: number }
  | { readonly text: string }
  | { readonly bytes: ArrayLike<number> }
  | { readonly int32s: readonly number[] }
  | { readonly int64s: readonly number[] }
  | { readonly float32s: readonly number[] }
  | { readonly table: Table }
  | { readonly tables: readonly Table[] };
/** By field number. */
export type Table = Readonly<Record<number, Value | undefined>>;

export interface TensorText {
  readonly shape: readonly number[];
  /** Default int8. */
  readonly type?: (typeof TYPES)[number];
  readonly data?: ArrayLike<number>;
  readonly scales?: readonly number[];
  readonly zeroPoints?: readonly number[];
  readonly dimension?: number;
  /** SparsityParameters. */
  readonly sparse?: Table;
}

export interface OperatorText {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Table;
}

export interface FileText {
  readonly tensors: readonly TensorText[];
  readonly operators: readonly OperatorText[];
  readonly inputs?: readonly number[];
  readonly outputs: readonly number[];
  /** Subgraphs behind the network's own, which are empty. */
  readonly moreSubgraphs?: number;
}

/** Operators of a name that TFLite does not have are custom ones. The first tensor is the input unless `inputs` says more. */
export function tfliteFile({
  tensors,
  operators,
  inputs = [0],
  outputs,
  moreSubgraphs = 0,
}: FileText): Uint8Array {
  const buffers: Table[] = [{}, ...tensors.map(({ data }) => (data ? { 0: { bytes: data } } : {}))];
  const codes = operators.map(({ name }): Table => {
    const code = OPERATOR_NAMES.indexOf(name);
    return code >= 0
      ? { 3: { int32: code } }
      : { 1: { text: name }, 3: { int32: OPERATOR_NAMES.indexOf('CUSTOM') } };
  });
  const subgraph: Table = {
    0: { tables: tensors.map(tensorTable) },
    1: { int32s: inputs },
    2: { int32s: outputs },
    3: {
      tables: operators.map((operator, i) => ({
        0: { int32: i },
        1: { int32s: operator.inputs },
        2: { int32s: operator.outputs },
        4: operator.options && { table: operator.options },
      })),
    },
  };
  return flatbuffer('TFL3', {
    0: { int32: 3 },
    1: { tables: codes },
    2: { tables: [subgraph, ...Array.from({ length: moreSubgraphs }, () => ({}))] },
    4: { tables: buffers },
  });
}

function tensorTable(tensor: TensorText, index: number): Table {
  const { shape, type = 'int8', scales, zeroPoints, dimension = 0, sparse } = tensor;
  return {
    0: { int32s: shape },
    1: { int8: TYPES.indexOf(type) },
    2: { int32: index + 1 },
    3: { text: `tensor${index}` },
    4: scales && {
      table: {
        2: { float32s: scales },
        3: { int64s: zeroPoints ?? scales.map(() => 0) },
        6: { int32: dimension },
      },
    },
    6: sparse && { table: sparse },
  };
}

/** Offsets lead forward, each part where the one before ends. */
export function flatbuffer(identifier: string, root: Table): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0, ...Buffer.from(identifier)];
  const put = (value: Uint8Array): void => void bytes.push(...value);
  const int = (size: 1 | 2 | 4, value: number): void => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value | 0);
    put(buffer.subarray(0, size));
  };
  const align = (size: number): void => {
    while (bytes.length % size !== 0) bytes.push(0);
  };
  const leadTo = (at: number): void => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(bytes.length - at);
    buffer.forEach((byte, i) => (bytes[at + i] = byte));
  };
  const table = (fields: Table): void => {
    const present = Object.entries(fields).flatMap(([field, value]) =>
      value === undefined ? [] : [{ field: Number(field), value }],
    );
    const slots = Math.max(-1, ...present.map(({ field }) => field)) + 1;
    const offsets = new Array<number>(slots).fill(0);
    present.forEach(({ field }, i) => (offsets[field] = 4 + 4 * i));
    align(4);
    const before = bytes.length;
    if (slots % 2 === 1) int(2, 0);
    // The list of fields, which the table points back at.
    const list = bytes.length;
    [4 + 2 * slots, 4 + 4 * present.length, ...offsets].forEach((value) => int(2, value));
    const start = bytes.length;
    ahead.set(before, start);
    int(4, start - list);
    const places = present.map(({ value }) => {
      const at = bytes.length;
      if ('int8' in value) int(4, value.int8);
      else if ('int32' in value) int(4, value.int32);
      else if ('float32' in value) put(Buffer.from(Float32Array.of(value.float32).buffer));
      else int(4, 0);
      return { at, value };
    });
    for (const { at, value } of places) refer(at, value);
  };
  /** Where a table that was asked for at the key really starts: its list of fields lies before it. */
  const ahead = new Map<number, number>();
  const leadToTable = (at: number, fields: Table): void => {
    align(4);
    const before = bytes.length;
    table(fields);
    const start = ahead.get(before)!;
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(start - at);
    buffer.forEach((byte, i) => (bytes[at + i] = byte));
  };
  const vector = (at: number, size: 1 | 4 | 8, count: number, content: Uint8Array): void => {
    align(4);
    if (size === 8 && bytes.length % 8 === 0) int(4, 0);
    leadTo(at);
    int(4, count);
    put(content);
  };
  const refer = (at: number, value: Value): void => {
    if ('text' in value) vector(at, 1, Buffer.byteLength(value.text), Buffer.from(value.text));
    else if ('bytes' in value) vector(at, 1, value.bytes.length, Uint8Array.from(value.bytes));
    else if ('int32s' in value) {
      const buffer = Buffer.from(Int32Array.from(value.int32s).buffer);
      vector(at, 4, value.int32s.length, buffer);
    } else if ('float32s' in value) {
      const buffer = Buffer.from(Float32Array.from(value.float32s).buffer);
      vector(at, 4, value.float32s.length, buffer);
    } else if ('int64s' in value) {
      const buffer = Buffer.from(BigInt64Array.from(value.int64s, BigInt).buffer);
      vector(at, 8, value.int64s.length, buffer);
    } else if ('table' in value) leadToTable(at, value.table);
    else if ('tables' in value) {
      vector(at, 4, value.tables.length, new Uint8Array(4 * value.tables.length));
      const first = bytes.length - 4 * value.tables.length;
      value.tables.forEach((each, i) => leadToTable(first + 4 * i, each));
    }
  };
  leadToTable(0, root);
  return Uint8Array.from(bytes);
}
