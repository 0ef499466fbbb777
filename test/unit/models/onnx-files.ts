/** Small ONNX files, written field by field. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export interface NodeSketch {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[] | string>>;
  /** An attribute that is a graph. */
  readonly subgraph?: boolean;
}

export interface TensorSketch {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values?: ArrayLike<number>;
  /** Whole numbers instead of floats. */
  readonly int64?: true;
  readonly type?: number;
  readonly external?: Readonly<Record<string, string>>;
}

export interface FileSketch {
  readonly nodes: readonly NodeSketch[];
  readonly tensors?: readonly TensorSketch[];
  readonly input?: readonly (number | string)[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function onnxFile(sketch: FileSketch): Uint8Array {
  const { nodes, tensors = [], input = [1, 4], inputs = ['x'], outputs = ['y'] } = sketch;
  const graph = new BinaryWriter();
  for (const node of nodes) bytes(graph, 1, nodeBytes(node));
  for (const tensor of tensors) bytes(graph, 5, tensorBytes(tensor));
  for (const name of inputs) bytes(graph, 11, valueBytes(name, input));
  for (const name of outputs) bytes(graph, 12, valueBytes(name));
  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(8);
  bytes(model, 7, graph.finish());
  const opset = new BinaryWriter();
  opset.tag(2, WireType.Varint).int64(sketch.opset ?? 17);
  bytes(model, 8, opset.finish());
  for (const [key, value] of Object.entries(sketch.metadata ?? {}))
    bytes(model, 14, entry(key, value));
  return model.finish();
}

/** A dense layer from `x` to `y`. */
export function denseFile(more: Partial<FileSketch> = {}): Uint8Array {
  return onnxFile({
    nodes: [{ type: 'Gemm', name: 'fc', inputs: ['x', 'w', 'b'], outputs: ['y'] }],
    tensors: [
      { name: 'w', dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] },
      { name: 'b', dims: [2], values: [0.5, -0.5] },
    ],
    ...more,
  });
}

function bytes(writer: BinaryWriter, field: number, value: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).bytes(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function nodeBytes(node: NodeSketch): Uint8Array {
  const writer = new BinaryWriter();
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  if (node.name !== undefined) text(writer, 3, node.name);
  text(writer, 4, node.type);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    const attribute = new BinaryWriter();
    text(attribute, 1, name);
    if (typeof value === 'string') text(attribute, 4, value);
    else if (typeof value !== 'number')
      for (const each of value) attribute.tag(8, WireType.Varint).int64(each);
    else if (Number.isInteger(value)) attribute.tag(3, WireType.Varint).int64(value);
    else attribute.tag(2, WireType.Bit32).float(value);
    bytes(writer, 5, attribute.finish());
  }
  if (node.subgraph) {
    const attribute = new BinaryWriter();
    text(attribute, 1, 'body');
    bytes(attribute, 6, new Uint8Array(0));
    bytes(writer, 5, attribute.finish());
  }
  if (node.domain !== undefined) text(writer, 7, node.domain);
  return writer.finish();
}

function tensorBytes(tensor: TensorSketch): Uint8Array {
  const writer = new BinaryWriter();
  for (const n of tensor.dims) writer.tag(1, WireType.Varint).int64(n);
  writer.tag(2, WireType.Varint).int32(tensor.type ?? (tensor.int64 ? 7 : 1));
  text(writer, 8, tensor.name);
  const { values, external } = tensor;
  if (values !== undefined) {
    const raw = tensor.int64
      ? new Uint8Array(BigInt64Array.from(Array.from(values), BigInt).buffer)
      : new Uint8Array(Float32Array.from(values).buffer);
    bytes(writer, 9, raw);
  }
  for (const [key, value] of Object.entries(external ?? {})) bytes(writer, 13, entry(key, value));
  if (external !== undefined) writer.tag(14, WireType.Varint).int32(1);
  return writer.finish();
}

function valueBytes(name: string, dims?: readonly (number | string)[]): Uint8Array {
  const writer = new BinaryWriter();
  text(writer, 1, name);
  if (dims === undefined) return writer.finish();
  const shape = new BinaryWriter();
  for (const n of dims) {
    const dimension = new BinaryWriter();
    if (typeof n === 'number') dimension.tag(1, WireType.Varint).int64(n);
    else text(dimension, 2, n);
    bytes(shape, 1, dimension.finish());
  }
  const tensor = new BinaryWriter();
  tensor.tag(1, WireType.Varint).int32(1);
  bytes(tensor, 2, shape.finish());
  const type = new BinaryWriter();
  bytes(type, 1, tensor.finish());
  bytes(writer, 2, type.finish());
  return writer.finish();
}

function entry(key: string, value: string): Uint8Array {
  const writer = new BinaryWriter();
  text(writer, 1, key);
  text(writer, 2, value);
  return writer.finish();
}
