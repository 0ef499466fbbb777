/**
 * The constants that drive the C runtime: C text and size in flash of each struct, written side by side here and
 * nowhere else, so that the flash known before training is the flash of the compiled objects.
 */
import type { Graph } from '../graph/graph';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import { INPUT, isWeighted, outputChannels, weightedLayers } from '../graph/graph';
import { elements } from '../ops/shape';
import { convPadding } from '../ops/window';
import type { QuantizedLayer, QuantizedModel, TensorQuantization } from '../quant/model';
import { addFactors } from '../ops/add/execute';
import { softmaxFactors } from '../ops/softmax/execute';
import { activationRange } from '../quant/quantization';
import type { WeightFormat } from '../formats/formats';
import { tensorOf } from '../quant/model';
import type { EncodedModel } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import { formatsOf } from './encoded-model';
import { channelBytes } from './lifetimes';
import { kernelOf, packingOf } from './runtime-files';

/** Bytes of the structs of east_kernels.h on a 32-bit ARM. */
const STRUCT_BYTES = {
  east_weights: 32,
  east_window: 22,
  east_conv_2d_params: 28,
  east_add_params: 28,
  east_clamp_params: 8,
  east_softmax_params: 20,
  east_step: 20,
  east_model: 40,
  east_packing: 8,
} as const;

const BIAS_BYTES = 4;
/** Multiplier and shift. */
const SCALING_BYTES = 5;

type ParamStruct =
  | 'east_window'
  | 'east_conv_2d_params'
  | 'east_add_params'
  | 'east_clamp_params'
  | 'east_softmax_params';

/** The struct a layer's `params` points at; undefined where it needs none. */
function paramStruct(layer: Layer): ParamStruct | undefined {
  switch (layer.kind) {
    case 'conv2d':
      return 'east_conv_2d_params';
    case 'depthwiseConv2d':
    case 'maxPool2d':
    case 'averagePool2d':
    case 'globalAveragePool':
    case 'globalMaxPool':
      return 'east_window';
    case 'add':
      return 'east_add_params';
    case 'activation':
      return 'east_clamp_params';
    case 'softmax':
      return 'east_softmax_params';
    case 'dense':
    case 'flatten':
      return undefined;
  }
}

/** Bytes of all biases in flash. */
export function biasBytes(graph: Graph): number {
  return BIAS_BYTES * channelCount(graph);
}

/**
 * Bytes of all other constants: multipliers, shifts, the network's structure. `formats`: those of the layers' weights;
 * apart from them the same for any weights.
 */
export function tableBytes(graph: Graph, formats: readonly WeightFormat[]): number {
  const structs = graph.layers.map((layer) => {
    const struct = paramStruct(layer);
    return (
      (struct === undefined ? 0 : STRUCT_BYTES[struct]) +
      (isWeighted(layer) ? STRUCT_BYTES.east_weights : 0) +
      (kernelOf(layer) === undefined ? 0 : STRUCT_BYTES.east_step)
    );
  });
  const packings = new Set(formats.flatMap((format) => packingOf(format) ?? []));
  return (
    STRUCT_BYTES.east_model +
    STRUCT_BYTES.east_packing * packings.size +
    structs.reduce((sum, bytes) => sum + bytes, 0) +
    SCALING_BYTES * channelCount(graph)
  );
}

function channelCount(graph: Graph): number {
  return weightedLayers(graph).reduce((sum, layer) => sum + outputChannels(layer), 0);
}

/** The initialised structs of the network's layers and its step list, with `east_` names, to go into <name>_model.c. */
export function layerTables(encoded: EncodedModel, plan: MemoryPlan): string {
  const { model } = encoded;
  const formats = formatsOf(encoded);
  const tables: string[] = [];
  const steps: string[] = [];
  let channel = 0;
  for (const layer of model.graph.layers) {
    const kernel = kernelOf(layer);
    if (kernel === undefined) continue;
    const at = plan.temporaries[layer.name]!;
    const title = `/* ${layer.name}: ${layer.kind}, ${layer.inputShape.join('x')} -> ${layer.outputShape.join('x')} */`;
    const struct = paramStruct(layer);
    const lines = [title];
    if (isWeighted(layer)) {
      lines.push(
        `static const struct east_weights ${tableName(layer, 'weights')} =`,
        `    ${weightsTable(model, plan, layer, channel, at.decode, formats[layer.name] ?? 'int8')};`,
      );
      channel += outputChannels(layer);
    }
    if (struct !== undefined) {
      lines.push(
        `static const struct ${struct} ${tableName(layer, 'params')} =`,
        `    ${paramsTable(model, plan, layer, at.scratch)};`,
      );
    }
    if (lines.length > 1) tables.push(lines.join('\n'));
    steps.push(
      `    {${[
        kernel,
        struct === undefined ? 'NULL' : `&${tableName(layer, 'params')}`,
        isWeighted(layer) ? `&${tableName(layer, 'weights')}` : 'NULL',
        offsetOf(plan, layer.inputs[0]),
        offsetOf(plan, layer.name),
      ].join(', ')}},`,
    );
  }
  return `${tables.join('\n\n')}\n\nstatic const struct east_step east_steps[${steps.length}] = {\n${steps.join('\n')}\n};`;
}

/** Number of entries of `east_steps`. */
export function stepCount(graph: Graph): number {
  return graph.layers.filter((layer) => kernelOf(layer) !== undefined).length;
}

export function offsetOf(plan: MemoryPlan, tensor: string | undefined): number {
  const offset = plan.offsets[tensor ?? INPUT];
  if (offset === undefined) throw new Error(`The memory plan has no tensor '${tensor}'.`);
  return offset;
}

function tableName(layer: Layer, what: 'weights' | 'params'): string {
  return `east_layer_${layer.name}_${what}`;
}

function weightsTable(
  model: QuantizedModel,
  plan: MemoryPlan,
  layer: WeightedLayer,
  firstChannel: number,
  decode: number,
  format: WeightFormat,
): string {
  const packing = packingOf(format);
  const output = tensorOf(model, layer.name);
  const { min, max } = activationRange(layer.activation, output);
  const channels = outputChannels(layer);
  const tileChannels = plan.tileChannels[layer.name]?.[0] ?? channels;
  const perChannel =
    layer.kind === 'depthwiseConv2d' ? channelBytes(layer) / channels : channelBytes(layer);
  return braces(
    `&east_biases[${firstChannel}]`,
    `&east_multipliers[${firstChannel}]`,
    `&east_shifts[${firstChannel}]`,
    packing === undefined ? 'NULL' : `&${packing}`,
    perChannel,
    decode,
    channels,
    tileChannels,
    tensorOf(model, layer.inputs[0]).zeroPoint,
    output.zeroPoint,
    min,
    max,
  );
}

function paramsTable(
  model: QuantizedModel,
  plan: MemoryPlan,
  layer: Layer,
  scratch: number,
): string {
  const tensor = (name: string | undefined): TensorQuantization => tensorOf(model, name);
  const output = tensor(layer.name);
  switch (layer.kind) {
    case 'conv2d':
      return braces(scratch, window(layer));
    case 'add': {
      const [first, second] = [tensor(layer.inputs[0]), tensor(layer.inputs[1])];
      const factors = addFactors(first, second, output);
      const all = [factors.first, factors.second, factors.output];
      const { min, max } = activationRange(layer.activation, output);
      return braces(
        offsetOf(plan, layer.inputs[1]),
        elements(layer.outputShape),
        braces(...all.map((factor) => factor.multiplier)),
        braces(...all.map((factor) => factor.shift)),
        braces(first.zeroPoint, second.zeroPoint, output.zeroPoint),
        min,
        max,
      );
    }
    case 'activation': {
      const { min, max } = activationRange(layer.activation, output);
      return braces(elements(layer.outputShape), min, max);
    }
    case 'softmax': {
      const [height, width, channels] = layer.outputShape;
      const { multiplier, shift, least } = softmaxFactors(tensor(layer.inputs[0]));
      return braces(height * width, channels, multiplier, least, shift);
    }
    default:
      return window(layer);
  }
}

/** struct east_window. */
function window(layer: Layer): string {
  const [inputHeight, inputWidth, channels] = layer.inputShape;
  const [outputHeight, outputWidth] = layer.outputShape;
  const { kernel, stride, before } = placement(layer);
  return braces(
    inputHeight,
    inputWidth,
    outputHeight,
    outputWidth,
    channels,
    ...kernel,
    ...stride,
    ...before,
  );
}

function placement(layer: Layer): {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  before: readonly [number, number];
} {
  const [height, width] = layer.inputShape;
  switch (layer.kind) {
    case 'globalAveragePool':
    case 'globalMaxPool':
      return { kernel: [height, width], stride: [1, 1], before: [0, 0] };
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'maxPool2d':
    case 'averagePool2d': {
      const kernel = 'pool' in layer ? layer.pool : layer.kernel;
      const [vertical, horizontal] = layer.stride;
      return {
        kernel,
        stride: layer.stride,
        before: [
          convPadding(height, kernel[0], vertical, layer.padding).before,
          convPadding(width, kernel[1], horizontal, layer.padding).before,
        ],
      };
    }
    default:
      throw new Error(`Layer '${layer.name}' has no window.`);
  }
}

/**
 * Biases as the kernels want them. Convolution and dense layers multiply plain codes, so their bias takes over what the
 * input's zero point would have contributed; a depthwise layer skips its padding and subtracts the zero point itself.
 */
export function foldedBiases(
  layer: WeightedLayer,
  quantized: QuantizedLayer,
  input: TensorQuantization,
): Int32Array {
  if (layer.kind === 'depthwiseConv2d') return quantized.bias;
  const perChannel = channelBytes(layer);
  return quantized.bias.map((bias, channel) => {
    let sum = 0;
    for (let i = channel * perChannel; i < (channel + 1) * perChannel; i++) {
      sum += quantized.weights[i]!;
    }
    const folded = bias - input.zeroPoint * sum;
    if (folded !== (folded | 0)) {
      throw new Error(`Layer '${layer.name}', channel ${channel}: its bias does not fit an int32.`);
    }
    return folded;
  });
}

function braces(...values: readonly (string | number)[]): string {
  return `{${values.join(', ')}}`;
}
