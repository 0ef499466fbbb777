/**
 * The messages of an ONNX file that a network is read from (onnx.proto, IR version 3 and newer), as plain data. Field
 * numbers follow the schema; what is not needed is skipped. Tensors keep their bytes as they lie in the file, so that
 * nothing is copied before it is known to be used. Subgraphs are not looked into: no operator that has one can be computed
 * here, and so nothing in a file nests deeper than these messages do.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { defined, ifDefined } from '../../util/defined';
import { UserError } from '../../util/errors';

export interface ModelProto {
  readonly producer: string;
  readonly graph: GraphProto;
  /** Version of the operators by domain; ONNX's own is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Operators that the file itself defines, by `domain:name`. */
  readonly functions: ReadonlySet<string>;
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueProto[];
  readonly outputs: readonly ValueProto[];
}

export interface NodeProto {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface AttributeProto {
  readonly float?: number;
  readonly int?: number;
  readonly text?: string;
  readonly tensor?: TensorProto;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly texts: readonly string[];
  readonly isGraph: boolean;
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly raw?: Uint8Array;
  /** Where values lie field by field instead: each a run of packed numbers. */
  readonly floats: readonly Uint8Array[];
  readonly doubles: readonly Uint8Array[];
  readonly ints: readonly number[];
  /** Where in a file beside this one the values lie. */
  readonly external?: ExternalData;
}

export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  /** All that is left of the file where it is not said. */
  readonly length?: number;
}

export interface ValueProto {
  readonly name: string;
  readonly type: number;
  /** A dimension that is only named is undefined; so is the list where the file gives none. */
  readonly dims?: readonly (number | undefined)[];
}

type Field = (reader: BinaryReader, wire: WireType) => void;

const LIMITS = { nodes: 100_000, values: 100_000, dims: 64, list: 1 << 20 };

/** @throws UserError where the bytes are no ONNX file or one that was cut off */
export function parseModel(bytes: Uint8Array): ModelProto {
  let producer = '';
  let graph: GraphProto | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions = new Set<string>();
  try {
    message(bytes, {
      2: (r) => (producer = r.string()),
      7: (r) => (graph = parseGraph(r.bytes())),
      8: (r) => {
        let domain = '';
        let version = 0;
        message(r.bytes(), { 1: (i) => (domain = i.string()), 2: (i) => (version = int64(i)) });
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      },
      14: (r) => metadata.set(...entry(r.bytes())),
      25: (r) => {
        let name = '';
        let domain = '';
        message(r.bytes(), { 1: (i) => (name = i.string()), 10: (i) => (domain = i.string()) });
        functions.add(`${domain}:${name}`);
      },
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      'This is no ONNX file, or it is damaged or was cut off: copy or export it again.',
      { cause: error },
    );
  }
  if (graph === undefined || opsets.size === 0) {
    throw new UserError(
      'This is no ONNX file, or it was cut off: it holds no graph. Copy or export it again.',
    );
  }
  return { producer, graph, opsets, metadata, functions };
}

function parseGraph(bytes: Uint8Array): GraphProto {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueProto[] = [];
  const outputs: ValueProto[] = [];
  message(bytes, {
    1: (r) => push(nodes, parseNode(r.bytes()), LIMITS.nodes, 'nodes'),
    5: (r) => push(initializers, parseTensor(r.bytes()), LIMITS.values, 'initializers'),
    11: (r) => push(inputs, parseValue(r.bytes()), LIMITS.values, 'inputs'),
    12: (r) => push(outputs, parseValue(r.bytes()), LIMITS.values, 'outputs'),
    15: () => {
      throw new UserError('The file has sparse initializers, which are not supported.');
    },
  });
  return { nodes, initializers, inputs, outputs };
}

function parseNode(bytes: Uint8Array): NodeProto {
  let name = '';
  let type = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, AttributeProto>();
  message(bytes, {
    1: (r) => push(inputs, r.string(), LIMITS.values, 'inputs of a node'),
    2: (r) => push(outputs, r.string(), LIMITS.values, 'outputs of a node'),
    3: (r) => (name = r.string()),
    4: (r) => (type = r.string()),
    5: (r) => attributes.set(...parseAttribute(r.bytes())),
    7: (r) => (domain = r.string()),
  });
  return { name, type, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function parseAttribute(bytes: Uint8Array): [string, AttributeProto] {
  let name = '';
  const found: { -readonly [K in keyof AttributeProto]: AttributeProto[K] } = {
    floats: [],
    ints: [],
    texts: [],
    isGraph: false,
  };
  const floats: number[] = [];
  const ints: number[] = [];
  const texts: string[] = [];
  message(bytes, {
    1: (r) => (name = r.string()),
    2: (r) => (found.float = r.float()),
    3: (r) => (found.int = int64(r)),
    4: (r) => (found.text = r.string()),
    5: (r) => (found.tensor = parseTensor(r.bytes())),
    6: (r) => {
      found.isGraph = true;
      r.bytes();
    },
    7: (r, wire) => packed(r, wire, floats, (i) => i.float()),
    8: (r, wire) => packed(r, wire, ints, int64),
    9: (r) => push(texts, r.string(), LIMITS.list, 'values of an attribute'),
    11: (r) => {
      found.isGraph = true;
      r.bytes();
    },
  });
  return [name, { ...found, floats, ints, texts }];
}

function parseTensor(bytes: Uint8Array): TensorProto {
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const data = new Map<string, string>();
  let external = false;
  const dims: number[] = [];
  const floats: Uint8Array[] = [];
  const doubles: Uint8Array[] = [];
  const ints: number[] = [];
  message(bytes, {
    1: (r, wire) => packed(r, wire, dims, int64, LIMITS.dims),
    2: (r) => (type = r.int32()),
    4: (r, wire) => floats.push(packedBytes(r, wire, WireType.Bit32)),
    5: (r, wire) => packed(r, wire, ints, (i) => i.int32(), Infinity),
    7: (r, wire) => packed(r, wire, ints, int64, Infinity),
    8: (r) => (name = r.string()),
    9: (r) => (raw = r.bytes()),
    10: (r, wire) => doubles.push(packedBytes(r, wire, WireType.Bit64)),
    11: (r, wire) => packed(r, wire, ints, int64, Infinity),
    13: (r) => data.set(...entry(r.bytes())),
    14: (r) => (external = r.int32() === 1),
  });
  return {
    name,
    dims,
    type,
    floats,
    doubles,
    ints,
    ...defined({ raw, external: external ? externalData(data) : undefined }),
  };
}

function externalData(data: ReadonlyMap<string, string>): ExternalData {
  return {
    location: data.get('location') ?? '',
    offset: Number(data.get('offset') ?? 0),
    ...defined({ length: ifDefined(data.get('length'), Number) }),
  };
}

function parseValue(bytes: Uint8Array): ValueProto {
  let name = '';
  let type = 0;
  let dims: (number | undefined)[] | undefined;
  const dimension: Field = (r) => {
    let value: number | undefined;
    message(r.bytes(), { 1: (i) => (value = int64(i)) });
    push((dims ??= []), value, LIMITS.dims, 'dimensions');
  };
  const shape: Field = (r) => {
    dims = [];
    message(r.bytes(), { 1: dimension });
  };
  const tensor: Field = (r) => message(r.bytes(), { 1: (i) => (type = i.int32()), 2: shape });
  message(bytes, {
    1: (r) => (name = r.string()),
    2: (r) => message(r.bytes(), { 1: tensor }),
  });
  return { name, type, ...defined({ dims }) };
}

function entry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  message(bytes, { 1: (r) => (key = r.string()), 2: (r) => (value = r.string()) });
  return [key, value];
}

/** Hands each field to its reader, which reads it whole, and skips those that nobody asks for. */
function message(bytes: Uint8Array, fields: Readonly<Record<number, Field>>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const read = fields[field];
    if (read === undefined) reader.skip(wire, field);
    else read(reader, wire);
  }
}

/** Numbers one by one or, as most writers put them, many in one field. */
function packed(
  reader: BinaryReader,
  wire: WireType,
  list: number[],
  read: (reader: BinaryReader) => number,
  limit = LIMITS.list,
): void {
  if (wire !== WireType.LengthDelimited) {
    push(list, read(reader), limit, 'values');
    return;
  }
  const inner = new BinaryReader(reader.bytes());
  while (inner.pos < inner.len) push(list, read(inner), limit, 'values');
}

/** The same of numbers of a fixed size, as bytes. */
function packedBytes(reader: BinaryReader, wire: WireType, single: WireType): Uint8Array {
  return wire === WireType.LengthDelimited ? reader.bytes() : reader.skip(single);
}

function push<T>(list: T[], item: T, limit: number, what: string): void {
  if (list.length >= limit) {
    throw new UserError(`The file has more than ${limit} ${what}; it is damaged, or no network.`);
  }
  list.push(item);
}

/** Whole numbers up to 2^53 are exact; what is larger stands for "to the end" in ONNX and may be rounded. */
function int64(reader: BinaryReader): number {
  return Number(reader.int64());
}
