/**
 * Reads an int8 .tflite file into a QuantizedModel, so that published networks can be measured beside ours and TFLite
 * itself can judge the executor. Strict: whatever the executor would not compute exactly as TFLite does is an error.
 * Field numbers follow TFLite's schema.fbs, version 3.
 */

import type { Layer } from '../ops/graph-ops';
import type { Activation, Padding, Pair, Shape } from '../ops/shape';
import { INPUT } from '../graph/graph';
import { elements } from '../ops/shape';
import { convPadding } from '../ops/window';
import { UserError } from '../util/errors';
import { FlatTable } from './flatbuffer';
import type { LoadedModel } from './model';
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
    const { layer, weights } = readLayer(kind, name, operator, nameOf);
    checkOutputShape(layer, where);
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

function readLayer(
  kind: string,
  name: string,
  operator: Operator,
  nameOf: (index: number) => string,
): { layer: Layer; weights?: QuantizedLayer } {
  const { where, options, output } = operator;
  const input = required(operator.inputs[0], where, 'an input');
  const base = {
    name,
    inputs: [nameOf(0)],
    inputShape: shapeOf(input, where),
    outputShape: shapeOf(output, where),
  };
  switch (kind) {
    case 'CONV_2D':
    case 'DEPTHWISE_CONV_2D': {
      const depthwise = kind === 'DEPTHWISE_CONV_2D';
      const filter = required(operator.inputs[1], where, 'weights');
      const [first, height, width, depth] = filter.shape;
      if (first === undefined || height === undefined || width === undefined) {
        throw new UserError(`${where}: its weights must have four dimensions.`);
      }
      if (depth !== base.inputShape[2]) {
        throw new UserError(
          `${where}: its weights have ${depth} channels, its input ${base.inputShape[2]}; groups and depth ` +
            'multipliers are not supported.',
        );
      }
      expectDefault(where, 'dilation', options?.int32(depthwise ? 5 : 4, 1) ?? 1, 1);
      expectDefault(where, 'dilation', options?.int32(depthwise ? 6 : 5, 1) ?? 1, 1);
      const common = {
        ...base,
        kernel: [height, width] as const,
        stride: strideOf(options),
        padding: paddingOf(options),
        activation: activationOf(options, depthwise ? 4 : 3, where),
        batchNorm: false,
      };
      return {
        layer: depthwise
          ? { ...common, kind: 'depthwiseConv2d' }
          : { ...common, kind: 'conv2d', filters: first },
        weights: readWeights(operator, input, filter, depthwise ? 3 : 0),
      };
    }
    case 'FULLY_CONNECTED': {
      expectDefault(where, 'weights format', options?.int8(1) ?? 0, 0);
      const filter = required(operator.inputs[1], where, 'weights');
      const [units, inputs] = filter.shape;
      if (units === undefined || inputs !== elements(base.inputShape)) {
        throw new UserError(`${where}: its weights and its input differ in size.`);
      }
      const activation = activationOf(options, 0, where);
      return {
        layer: { ...base, kind: 'dense', units, activation, batchNorm: false },
        weights: readWeights(operator, input, filter, 0),
      };
    }
    case 'ADD': {
      const other = required(operator.inputs[1], where, 'a second input');
      if (other.shape.join() !== input.shape.join()) {
        throw new UserError(`${where}: broadcasting is not supported.`);
      }
      return {
        layer: {
          ...base,
          kind: 'add',
          inputs: [nameOf(0), nameOf(1)],
          activation: activationOf(options, 0, where),
        },
      };
    }
    case 'AVERAGE_POOL_2D':
    case 'MAX_POOL_2D':
      expectDefault(where, 'fused activation', options?.int8(5) ?? 0, 0);
      return {
        layer: {
          ...base,
          kind: kind === 'MAX_POOL_2D' ? 'maxPool2d' : 'averagePool2d',
          pool: [options?.int32(4) ?? 0, options?.int32(3) ?? 0],
          stride: strideOf(options),
          padding: paddingOf(options),
        },
      };
    case 'RESHAPE':
      if (base.outputShape[0] !== 1 || base.outputShape[1] !== 1) {
        throw new UserError(`${where}: only flattening is supported.`);
      }
      return { layer: { ...base, kind: 'flatten' } };
    default:
      expectDefault(where, 'beta', options?.float32(0) ?? 0, 1);
      return { layer: { ...base, kind: 'softmax' } };
  }
}

/** The executor trusts the shapes of a graph; a file's must follow from its operators. */
function checkOutputShape(layer: Layer, where: string): void {
  const [height, width, channels] = layer.inputShape;
  const windowed = (window: Pair, stride: Pair, padding: Padding, depth: number): Shape => {
    if (window.some((n) => n < 1) || stride.some((n) => n < 1)) {
      throw new UserError(`${where}: window ${window.join('×')}, stride ${stride.join('×')}.`);
    }
    return [
      convPadding(height, window[0], stride[0], padding).output,
      convPadding(width, window[1], stride[1], padding).output,
      depth,
    ];
  };
  const expected = ((): Shape => {
    switch (layer.kind) {
      case 'conv2d':
        return windowed(layer.kernel, layer.stride, layer.padding, layer.filters);
      case 'depthwiseConv2d':
        return windowed(layer.kernel, layer.stride, layer.padding, channels);
      case 'maxPool2d':
      case 'averagePool2d':
        return windowed(layer.pool, layer.stride, layer.padding, channels);
      case 'dense':
        return [1, 1, layer.units];
      case 'flatten':
        return [1, 1, height * width * channels];
      default:
        return layer.inputShape;
    }
  })();
  if (expected.join() !== layer.outputShape.join()) {
    throw new UserError(
      `${where}: its output should have shape ${expected.join('×')}, not ${layer.outputShape.join('×')}.`,
    );
  }
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
