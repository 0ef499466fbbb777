/**
 * Reads an int8 .tflite file into a QuantizedModel, so that published networks can be measured beside ours and TFLite
 * itself can judge the executor. Strict: whatever the executor would not compute exactly as TFLite does is an error.
 * Field numbers follow TFLite's schema.fbs, version 3.
 */

import { INPUT } from '../graph/graph';
import type { Layer, LayerConfig } from '../ops/graph-ops';
import { layerType } from '../ops/graph-ops';
import type { Activation, Padding, Pair, Shape } from '../ops/shape';
import { elements, formatShape, sameShape } from '../ops/shape';
import { wrongKey } from '../ops/layer-config';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { FlatTable } from './flatbuffer';
import type { FileFacts, LoadedModel } from './model';
import type { QuantizedLayer, QuantizedModel, TensorQuantization } from '../quant/model';
import { checkModel, outputFactor } from '../quant/quantize-model';

const TYPE_INT32 = 2;
const TYPE_INT8 = 9;

const OPERATORS: Readonly<Record<number, string>> = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  9: 'FULLY_CONNECTED',
  17: 'MAX_POOL_2D',
  22: 'RESHAPE',
  25: 'SOFTMAX',
  98: 'LEAKY_RELU',
};

interface Tensor {
  readonly index: number;
  readonly shape: readonly number[];
  readonly type: number;
  readonly data: Uint8Array;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly quantizedDimension: number;
}

/** One operator with what reading its layer needs. `where` names it in errors. */
interface Operator {
  readonly where: string;
  readonly options: FlatTable | undefined;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly output: Tensor;
}

export function loadTflite(bytes: Uint8Array): LoadedModel {
  const { graph, ...quantization } = readTflite(bytes);
  return { graph, entries: new Map(), quantization };
}

/** Everything the file computes with, read or not. Throws UserError for files that are damaged. */
export function inspectTflite(bytes: Uint8Array): FileFacts {
  const file = FlatTable.root(bytes, 'TFL3');
  const codes = file.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const counts = new Map<number, number>();
  for (const operator of file.tables(2).flatMap((subgraph) => subgraph.tables(3))) {
    const code = codes[operator.uint32(0)] ?? -1;
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const operators = [...counts].map(([code, count]) => ({
    name: OPERATORS[code] ?? `code ${code}`,
    count,
    ...defined({ unsupported: OPERATORS[code] === undefined ? (true as const) : undefined }),
  }));
  return { format: 'TFLite', operators, weightsType: 'int8', notes: [] };
}

/**
 * Layers are named `op0_conv_2d`, `op1_add` … in the file's order; layer i is operator i. Throws UserError for files
 * that are damaged, not int8, or use operators or options beyond those of graph.ts.
 */
export function readTflite(bytes: Uint8Array): QuantizedModel {
  const file = FlatTable.root(bytes, 'TFL3');
  const [subgraph, ...otherSubgraphs] = file.tables(2);
  if (subgraph === undefined || otherSubgraphs.length > 0) {
    throw new UserError(`The file has ${file.tables(2).length} subgraphs; only one is supported.`);
  }
  const buffers = file.tables(4);
  const tensors = subgraph.tables(0).map((table, index) => readTensor(table, index, buffers));
  const tensorAt = (index: number): Tensor | undefined => {
    if (index === -1) return undefined;
    const tensor = tensors[index];
    if (tensor === undefined) throw new UserError(`Damaged file: there is no tensor ${index}.`);
    return tensor;
  };
  const inputs = subgraph.int32s(1);
  const outputs = subgraph.int32s(2);
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw new UserError(
      `The network has ${inputs.length} inputs and ${outputs.length} outputs; only one of each is supported.`,
    );
  }
  const input = required(tensorAt(inputs[0] ?? -1), 'The network', 'an input');

  const names = new Map<number, string>([[input.index, INPUT]]);
  const quantizations: Record<string, TensorQuantization> = { [INPUT]: affine(input, 'The input') };
  const layers: Layer[] = [];
  const quantizedLayers: Record<string, QuantizedLayer> = {};
  const codes = file.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  subgraph.tables(3).forEach((table, position) => {
    const code = codes[table.uint32(0)];
    const kind = code === undefined ? undefined : OPERATORS[code];
    if (kind === undefined) {
      throw new UserError(
        `Operator ${position} has TFLite's code ${code}, which is not supported; supported are ` +
          `${Object.values(OPERATORS).join(', ')}.`,
      );
    }
    const where = `Operator ${position} (${kind})`;
    const name = `op${position}_${kind.toLowerCase()}`;
    const operator: Operator = {
      where,
      options: table.table(4),
      inputs: table.int32s(1).map(tensorAt),
      output: required(tensorAt(table.int32s(2)[0] ?? -1), where, 'an output'),
    };
    const nameOf = (index: number): string => {
      const tensor = required(operator.inputs[index], where, `input ${index}`);
      const producer = names.get(tensor.index);
      if (producer === undefined) {
        throw new UserError(`${where} reads a tensor that no operator before it writes.`);
      }
      return producer;
    };
    const { config, weights } = readLayer(kind, operator);
    const layer = makeLayer(config, name, operator, nameOf);
    layers.push(layer);
    if (weights !== undefined) quantizedLayers[name] = weights;
    quantizations[name] = affine(operator.output, where);
    names.set(operator.output.index, name);
  });

  const last = layers.at(-1);
  if (last === undefined || names.get(outputs[0] ?? -1) !== last.name) {
    throw new UserError("The network's output is not what its last operator writes.");
  }
  const model: QuantizedModel = {
    graph: {
      inputShape: shapeOf(input, 'The input'),
      layers,
    },
    tensors: quantizations,
    layers: quantizedLayers,
  };
  checkModel(model);
  return model;
}

function readTensor(table: FlatTable, index: number, buffers: readonly FlatTable[]): Tensor {
  const buffer = buffers[table.uint32(2)];
  if (buffer === undefined) throw new UserError(`Damaged file: tensor ${index} has no buffer.`);
  const quantization = table.table(4);
  return {
    index,
    shape: table.int32s(0),
    type: table.int8(1),
    data: buffer.bytes(0),
    scales: quantization?.float32s(2) ?? [],
    zeroPoints: quantization?.int64s(3) ?? [],
    quantizedDimension: quantization?.int32(6) ?? 0,
  };
}

/** What the config would say of such a layer. */
function readLayer(
  kind: string,
  operator: Operator,
): { config: LayerConfig; weights?: QuantizedLayer } {
  const { where, options, output } = operator;
  const input = required(operator.inputs[0], where, 'an input');
  const inputShape = shapeOf(input, where);
  switch (kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D': {
      const depthwise = kind === 'DEPTHWISE_CONV_2D';
      const filter = required(operator.inputs[1], where, 'weights');
      const [first, height, width, depth] = filter.shape;
      if (first === undefined || height === undefined || width === undefined) {
        throw new UserError(`${where}: its weights must have four dimensions.`);
      }
      if (depth !== inputShape[2]) {
        throw new UserError(
          `${where}: its weights have ${depth} channels, its input ${inputShape[2]}; groups and depth ` +
            'multipliers are not supported.',
        );
      }
      expectDefault(where, 'dilation', options?.int32(depthwise ? 5 : 4, 1) ?? 1, 1);
      expectDefault(where, 'dilation', options?.int32(depthwise ? 6 : 5, 1) ?? 1, 1);
      const common = {
        kernel: [height, width] as const,
        stride: strideOf(options),
        padding: paddingOf(options),
        activation: activationOf(options, depthwise ? 4 : 3, where),
        batchNorm: false,
      };
      return {
        config: depthwise
          ? { ...common, type: 'depthwiseConv2d' }
          : { ...common, type: 'conv2d', filters: first },
        weights: readWeights(operator, input, filter, depthwise ? 3 : 0),
      };
    }
    case 'FULLY_CONNECTED': {
      expectDefault(where, 'weights format', options?.int8(1) ?? 0, 0);
      const filter = required(operator.inputs[1], where, 'weights');
      const [units, inputs] = filter.shape;
      if (units === undefined || inputs !== elements(inputShape)) {
        throw new UserError(`${where}: its weights and its input differ in size.`);
      }
      const activation = activationOf(options, 0, where);
      return {
        config: { type: 'dense', units, activation, batchNorm: false },
        weights: readWeights(operator, input, filter, 0),
      };
    }
    case 'ADD':
      return { config: { type: 'add', activation: activationOf(options, 0, where) } };
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D':
      expectDefault(where, 'fused activation', options?.int8(5) ?? 0, 0);
      return {
        config: {
          type: kind === 'MAX_POOL_2D' ? 'maxPool2d' : 'averagePool2d',
          pool: [options?.int32(4) ?? 0, options?.int32(3) ?? 0],
          stride: strideOf(options),
          padding: paddingOf(options),
        },
      };
    case 'LEAKY_RELU':
      return { config: { type: 'leakyRelu', slope: options?.float32(0) ?? 0 } };
    case 'RESHAPE': {
      const [height, width] = shapeOf(output, where);
      if (height !== 1 || width !== 1) {
        throw new UserError(`${where}: only flattening is supported.`);
      }
      return { config: { type: 'flatten' } };
    }
    default:
      expectDefault(where, 'beta', options?.float32(0) ?? 0, 1);
      return { config: { type: 'softmax' } };
  }
}

/** The layer that its operation makes of such a config. The executor trusts shapes, so the file's must follow from it. */
function makeLayer(
  config: LayerConfig,
  name: string,
  { where, inputs, output }: Operator,
  nameOf: (index: number) => string,
): Layer {
  const { op } = layerType(config);
  const wrong = wrongKey(op.keys, config);
  if (wrong !== undefined) {
    const values = new Map<string, unknown>(Object.entries(config));
    throw new UserError(
      `${where}: its ${wrong.name} ${JSON.stringify(values.get(wrong.name))} is not supported.`,
    );
  }
  const shapes = inputs
    .slice(0, op.inputs)
    .map((tensor, i) => shapeOf(required(tensor, where, `input ${i}`), where));
  const [inputShape] = shapes;
  if (inputShape === undefined || shapes.length < op.inputs) {
    throw new UserError(`${where} lacks an input.`);
  }
  const place = { name, inputs: shapes.map((_, i) => nameOf(i)), inputShape };
  const layer = op.layer(config, place, shapes, (message) => {
    throw new UserError(`${where} ${message}.`);
  });
  const found = shapeOf(output, where);
  if (!sameShape(layer.outputShape, found)) {
    throw new UserError(
      `${where}: its output should have shape ${formatShape(layer.outputShape)}, not ${formatShape(found)}.`,
    );
  }
  return layer;
}

function readWeights(
  { where, inputs, output }: Operator,
  input: Tensor,
  filter: Tensor,
  channelDimension: number,
): QuantizedLayer {
  const channels = filter.shape[channelDimension] ?? 0;
  const count = elements(filter.shape);
  const perTensor = filter.scales.length === 1;
  if (filter.type !== TYPE_INT8 || filter.data.length !== count) {
    throw new UserError(`${where}: its weights must be ${count} int8 constants.`);
  }
  if (
    filter.zeroPoints.some((zeroPoint) => zeroPoint !== 0) ||
    !(perTensor || filter.scales.length === channels) ||
    (!perTensor && filter.quantizedDimension !== channelDimension)
  ) {
    throw new UserError(
      `${where}: its weights must be symmetric, with one scale or one per output channel.`,
    );
  }
  const weights = new Int8Array(filter.data.buffer, filter.data.byteOffset, count);
  if (weights.includes(-128)) {
    throw new UserError(`${where}: its weights contain -128; int8 weights are -127 … 127.`);
  }

  const bias = new Int32Array(channels);
  const biasTensor = inputs[2];
  if (biasTensor !== undefined) {
    if (biasTensor.type !== TYPE_INT32 || biasTensor.data.length !== 4 * channels) {
      throw new UserError(`${where}: its bias must be ${channels} int32 constants.`);
    }
    const view = new DataView(biasTensor.data.buffer, biasTensor.data.byteOffset);
    for (let c = 0; c < channels; c++) bias[c] = view.getInt32(4 * c, true);
  }

  const inputScale = affine(input, where).scale;
  const outputScale = affine(output, where).scale;
  const weightScales = Float64Array.from(
    { length: channels },
    (_, c) => filter.scales[perTensor ? 0 : c] ?? 0,
  );
  // With a single scale TFLite's FULLY_CONNECTED multiplies the scales in float32, everything else in double.
  const inFloat32 = perTensor && filter.shape.length === 2;
  const multiplier = new Int32Array(channels);
  const shift = new Int32Array(channels);
  weightScales.forEach((weightScale, c) => {
    const product = inFloat32 ? Math.fround(inputScale * weightScale) : inputScale * weightScale;
    const factor = outputFactor(where, c, product / outputScale);
    multiplier[c] = factor.multiplier;
    shift[c] = factor.shift;
  });
  return { weights, weightScales, bias, multiplier, shift };
}

/** A tensor's shape without the batch, which must be 1, and with leading ones up to three dimensions. */
function shapeOf(tensor: Tensor, where: string): Shape {
  const [batch, ...shape] = tensor.shape;
  while (shape.length < 3) shape.unshift(1);
  const [height, width, channels, ...more] = shape;
  if (batch !== 1 || height === undefined || width === undefined || channels === undefined) {
    throw new UserError(
      `${where}: shape [${tensor.shape.join(', ')}] must start with a batch of 1.`,
    );
  }
  if (more.length > 0 || shape.some((n) => n < 1)) {
    throw new UserError(`${where}: shape [${tensor.shape.join(', ')}] is not supported.`);
  }
  return [height, width, channels];
}

function affine(tensor: Tensor, where: string): TensorQuantization {
  const [scale] = tensor.scales;
  const [zeroPoint] = tensor.zeroPoints;
  if (
    tensor.type !== TYPE_INT8 ||
    scale === undefined ||
    zeroPoint === undefined ||
    tensor.scales.length !== 1
  ) {
    throw new UserError(
      `${where}: tensor ${tensor.index} must be int8 with one scale. Convert the network with full integer ` +
        'quantisation, its input and output included.',
    );
  }
  return { scale, zeroPoint };
}

function strideOf(options: FlatTable | undefined): Pair {
  return [options?.int32(2) ?? 0, options?.int32(1) ?? 0];
}

function paddingOf(options: FlatTable | undefined): Padding {
  return (options?.int8(0) ?? 0) === 0 ? 'same' : 'valid';
}

function activationOf(options: FlatTable | undefined, field: number, where: string): Activation {
  const code = options?.int8(field) ?? 0;
  if (code === 0) return 'none';
  if (code === 1) return 'relu';
  if (code === 3) return 'relu6';
  throw new UserError(`${where}: fused activation ${code} is not supported; RELU and RELU6 are.`);
}

function expectDefault(where: string, what: string, actual: number, expected: number): void {
  if (actual !== expected) {
    throw new UserError(`${where}: ${what} ${actual} is not supported; only ${expected} is.`);
  }
}

function required(tensor: Tensor | undefined, where: string, what: string): Tensor {
  if (tensor === undefined) throw new UserError(`${where} lacks ${what}.`);
  return tensor;
}
