/** Weights and biases of convolutions and dense layers, float or int8. */
import { elements } from '../../ops/shape';
import type { QuantizedLayer } from '../../quant/model';
import { outputFactor } from '../../quant/quantize-model';
import type { TrainedLayer } from '../../quant/quantize-model';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import type { LayerRequest, Reading } from './reading';
import { inputOf, outputOf } from './reading';
import { affine } from './tensors';

/** Which of an operator's inputs they are. */
export interface WeightInputs {
  readonly weights: number;
  readonly bias: number;
  /** What it multiplies the weights with; default its first input. */
  readonly input?: number;
  /** Dimension of the weights that is the output channel. */
  readonly channel: number;
}

/** What a layer with weights needs of `network.layer`; in the order of the file. */
export function readWeights(
  operator: Operator,
  network: Reading,
  which: WeightInputs,
): Pick<LayerRequest, 'weights' | 'quantization'> {
  const filter = inputOf(operator, which.weights);
  const channels = filter.shape[which.channel] ?? 0;
  const quantized = network.int8 ? readCodes(operator, filter, which, channels) : undefined;
  const { values } = network.required(operator, which.weights, 'its weights');
  const bias = readBias(operator, network, which, channels, quantized);
  const weights: TrainedLayer = { weights: Float32Array.from(values), bias };
  return quantized ? { weights, quantization: { weights: quantized } } : { weights };
}

function readBias(
  operator: Operator,
  network: Reading,
  which: WeightInputs,
  channels: number,
  quantized: QuantizedLayer | undefined,
): Float32Array {
  const { where, inputs } = operator;
  const tensor = inputs[which.bias];
  if (tensor === undefined) return new Float32Array(channels);
  if (quantized !== undefined) {
    const { scale } = affine(inputOf(operator, which.input ?? 0), where);
    return Float32Array.from(quantized.bias, (b, c) => b * scale * quantized.weightScales[c]!);
  }
  const { values } = network.required(operator, which.bias, 'its bias');
  if (values.length !== channels) {
    throw new UserError(`${where}: it has ${values.length} biases for ${channels} channels.`);
  }
  return Float32Array.from(values);
}

function readCodes(
  operator: Operator,
  filter: Tensor,
  which: WeightInputs,
  channels: number,
): QuantizedLayer {
  const { where } = operator;
  const count = elements(filter.shape);
  const perTensor = filter.scales.length === 1;
  if (filter.type !== 'int8' || filter.data.length !== count) {
    throw new UserError(`${where}: its weights must be ${count} int8 constants.`);
  }
  if (
    filter.zeroPoints.some((zeroPoint) => zeroPoint !== 0) ||
    !(perTensor || filter.scales.length === channels) ||
    (!perTensor && filter.quantizedDimension !== which.channel)
  ) {
    throw new UserError(
      `${where}: its weights must be symmetric, with one scale or one per output channel.`,
    );
  }
  const weights = Int8Array.from(new Int8Array(filter.data.buffer, filter.data.byteOffset, count));
  if (weights.includes(-128)) {
    throw new UserError(
      `${where}: its weights contain -128. TFLite's specification has int8 weights of -127 … 127, and so has what is ` +
        'stored here: convert the network again, or import its float version.',
    );
  }
  const inputScale = affine(inputOf(operator, which.input ?? 0), where).scale;
  const outputScale = affine(outputOf(operator), where).scale;
  const weightScales = Float64Array.from(
    { length: channels },
    (_, c) => filter.scales[perTensor ? 0 : c] ?? 0,
  );
  const multiplier = new Int32Array(channels);
  const shift = new Int32Array(channels);
  weightScales.forEach((weightScale, c) => {
    const factor = outputFactor(where, c, (inputScale * weightScale) / outputScale);
    multiplier[c] = factor.multiplier;
    shift[c] = factor.shift;
  });
  const bias = readCodesOfBias(where, operator.inputs[which.bias], channels);
  return { weights, weightScales, bias, multiplier, shift };
}

/** int32, or int64 whose values are int32's. */
function readCodesOfBias(where: string, tensor: Tensor | undefined, channels: number): Int32Array {
  const bias = new Int32Array(channels);
  if (tensor === undefined) return bias;
  const { type, data } = tensor;
  const bytes = type === 'int32' ? 4 : type === 'int64' ? 8 : 0;
  if (bytes === 0 || data.length !== bytes * channels) {
    throw new UserError(`${where}: its bias must be ${channels} int32 constants.`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let c = 0; c < channels; c++) {
    const value = bytes === 4 ? view.getInt32(4 * c, true) : Number(view.getBigInt64(8 * c, true));
    bias[c] = value;
    if (bias[c] !== value) throw new UserError(`${where}: its bias ${value} is beyond int32.`);
  }
  return bias;
}
