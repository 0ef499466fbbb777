/**
 * From a trained network to what the chip computes: weights to int8, biases to int32, scales to fixed-point factors.
 * Guarantees that no int32 of an inference can overflow, which C would leave undefined (see `accumulatorBound`).
 */

import type { Graph } from '../graph/graph';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import { INPUT, isWeighted, outputChannels, sumCount, sumOf, weightCount } from '../graph/graph';
import type { SumScale } from '../ops/execute-op';
import { executeOp } from '../ops/execute-ops';
import { UserError } from '../util/errors';
import { constantsProblem, quantizeConstants, type Constants } from './constants';
import { clamp, INT32_MAX, quantizeMultiplier, roundHalfAwayFromZero } from './fixed-point';
import type { FixedPointFactor } from './fixed-point';
import type { QuantizedLayer, QuantizedModel, TensorQuantization } from './model';
import { tensorOf, weightsOf } from './model';
import { chooseQuantization, INT8_MAX, INT8_MIN } from './quantization';
import { quantizeWeights, quantizeWithScales } from './quantize-weights';

/** Real values observed in a tensor. */
export interface TensorRange {
  readonly min: number;
  readonly max: number;
}

/** One weighted layer as trained, batch norm already folded in. */
export interface TrainedLayer {
  /** Storage order of the layer kind (graph.ts). */
  readonly weights: Float32Array;
  /** One per sum (graph.ts): one per output channel, where a channel's weights have no parts. */
  readonly bias: Float32Array;
  /** One per weight: 0 forces the weight to exactly 0, anything else keeps it. */
  readonly mask?: Uint8Array;
  /** One per channel: the scales the weights were trained with; without them the largest weight of each sum decides. */
  readonly weightScales?: Float64Array;
  /**
   * The weights by `weightScales`, in formats that have no zero: they stay what they are where a scale must be raised, for
   * nothing else could be stored. (Beside so large a bias the weights do not count.)
   */
  readonly codes?: Int8Array;
}

export interface TrainedModel {
  readonly graph: Graph;
  /**
   * By tensor name (`input` and layer outputs): a quantisation, or the range to choose one from. Needed for the input
   * and for weighted and add layers; entries of the others, whose quantisation follows from their input's or is fixed
   * (softmax), do not count.
   */
  readonly tensors: Readonly<Record<string, TensorQuantization | TensorRange>>;
  readonly layers: Readonly<Record<string, TrainedLayer>>;
  /** Of the layers that own any. */
  readonly constants?: Constants;
}

/** Largest accumulator to which an int8 zero point can still be added in int32. */
const ACCUMULATOR_LIMIT = INT32_MAX - 128;
/** A bias never takes more than half of the int32 accumulator. */
const BIAS_LIMIT = 2 ** 30;

/**
 * Quantises by TFLite's rules. All scales are rounded to float32, as a .tflite file would hold them. Where a channel's
 * weights are so small that its bias would not fit 30 bits at scale inputScale · weightScale, that channel's weight
 * scale is raised until it does, so a bias is never saturated; a channel whose weights are all zero gets a scale that
 * holds its bias to 1/1024 of an output step.
 * Throws UserError for missing or misshapen values, values that are not finite, and accumulators that could overflow.
 */
export function quantizeModel(trained: TrainedModel): QuantizedModel {
  const tensors = quantizeTensors(trained);
  const layers: Record<string, QuantizedLayer> = {};
  for (const layer of trained.graph.layers) {
    if (!isWeighted(layer)) continue;
    const values = trained.layers[layer.name];
    if (values === undefined) throw new UserError(`Layer '${layer.name}' has no trained weights.`);
    layers[layer.name] = quantizeLayer(layer, values, tensors);
  }
  const constants = quantizeConstants(trained.graph, trained.constants ?? {});
  const has = Object.keys(constants).length > 0;
  const model = { graph: trained.graph, tensors, layers, ...(has ? { constants } : {}) };
  checkModel(model);
  return model;
}

/** That of a layer's output, by the layer's kind. `own`: where it is chosen for the layer alone. */
export function outputQuantization(
  layer: Layer,
  tensors: Readonly<Record<string, TensorQuantization>>,
  own: (name: string) => TensorQuantization,
): TensorQuantization {
  const op = executeOp(layer.kind);
  const { quantization } = op;
  if (quantization === 'own') return own(layer.name);
  if (quantization === 'input') return tensorOf({ tensors }, layer.inputs[0]);
  if (quantization !== 'fixed') return quantization;
  const fixed = op.fixed?.(layer);
  if (fixed === undefined) throw new Error(`A ${layer.kind} does not say how it is quantised.`);
  return fixed;
}

function quantizeTensors(trained: TrainedModel): Record<string, TensorQuantization> {
  const tensors: Record<string, TensorQuantization> = {};
  const given = (name: string): TensorQuantization => {
    const value = trained.tensors[name];
    if (value === undefined) throw new UserError(`No range was observed for tensor '${name}'.`);
    try {
      const tensor = 'scale' in value ? value : chooseQuantization(value.min, value.max);
      return { scale: Math.fround(tensor.scale), zeroPoint: tensor.zeroPoint };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`Tensor '${name}': ${error.message}`);
    }
  };
  tensors[INPUT] = given(INPUT);
  for (const layer of trained.graph.layers) {
    tensors[layer.name] = outputQuantization(layer, tensors, given);
  }
  return tensors;
}

/** How the sums of each part of a layer's weights are scaled. */
export function sumScales(
  layer: WeightedLayer,
  tensors: QuantizedModel['tensors'],
): readonly SumScale[] {
  const own = executeOp(layer.kind).scales?.(layer, tensors);
  if (own !== undefined) return own;
  const { scale } = tensorOf({ tensors }, layer.name);
  return [{ input: tensorOf({ tensors }, layer.inputs[0]), output: scale }];
}

/** The factor of a sum by its weights' scale, as multiplier and shift. */
export function sumFactor(
  name: string,
  sum: number,
  { input, output, float32 = false }: SumScale,
  weightScale: number,
): FixedPointFactor {
  const product = input.scale * weightScale;
  return outputFactor(name, sum, (float32 ? Math.fround(product) : product) / output);
}

function quantizeLayer(
  layer: WeightedLayer,
  trained: TrainedLayer,
  tensors: QuantizedModel['tensors'],
): QuantizedLayer {
  const channels = outputChannels(layer);
  checkLengths(layer, trained);
  const sums = sumCount(layer);
  const sumAt = sumOf(layer);
  const scaling = sumScales(layer, tensors);
  const scalingOf = (sum: number): SumScale => scaling[Math.floor(sum / channels)]!;
  const { mask } = trained;
  const weights =
    mask === undefined ? trained.weights : trained.weights.map((w, i) => (mask[i] === 0 ? 0 : w));

  let quantized;
  try {
    quantized = quantizeWeights(weights, sumAt, sums);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`Layer '${layer.name}': ${error.message}`);
  }
  const used = new Uint8Array(sums);
  quantized.values.forEach((q, i) => {
    if (q !== 0) used[sumAt(i)] = 1;
  });

  const scales = new Float64Array(sums);
  for (let c = 0; c < sums; c++) {
    const { input, output } = scalingOf(c);
    const bias = trained.bias[c]!;
    const given = trained.weightScales?.[c % channels] ?? quantized.scales[c]!;
    if (!Number.isFinite(bias) || !(given > 0 && given < Infinity)) {
      throw new UserError(
        `Layer '${layer.name}', channel ${c}: bias ${bias} and weight scale ${given} must be finite and the scale ` +
          'positive. Training has probably diverged; try a lower learning rate.',
      );
    }
    const wanted = used[c] === 1 ? given : output / input.scale / 1024;
    const least = Math.abs(bias) / (input.scale * BIAS_LIMIT);
    scales[c] = Math.max(Math.fround(Math.max(wanted, least)), 2 ** -126);
  }

  const multiplier = new Int32Array(sums);
  const shift = new Int32Array(sums);
  const bias = new Int32Array(sums);
  for (let c = 0; c < sums; c++) {
    const scale = scalingOf(c);
    const q = roundHalfAwayFromZero(trained.bias[c]! / (scale.input.scale * scales[c]!));
    bias[c] = clamp(q, -INT32_MAX, INT32_MAX);
    const factor = sumFactor(layer.name, c, scale, scales[c]!);
    multiplier[c] = factor.multiplier;
    shift[c] = factor.shift;
  }
  return {
    weights: trained.codes ?? quantizeWithScales(weights, sumAt, scales),
    weightScales: scales,
    bias,
    multiplier,
    shift,
  };
}

/** quantizeMultiplier of inputScale · weightScale ÷ outputScale, its errors told to the user. */
export function outputFactor(name: string, channel: number, real: number): FixedPointFactor {
  try {
    return quantizeMultiplier(real);
  } catch {
    throw new UserError(
      `Layer '${name}', channel ${channel}: its weights are ${real} times coarser than its output, which no int8 ` +
        'kernel can scale. Check the observed range of its output.',
    );
  }
}

function checkLengths(
  layer: WeightedLayer,
  { weights, bias, mask, weightScales, codes }: TrainedLayer,
): void {
  const expect = (what: string, actual: number | undefined, expected: number): void => {
    if (actual === undefined || actual === expected) return;
    throw new UserError(
      `Layer '${layer.name}' has ${actual} ${what}; its shape asks for ${expected}.`,
    );
  };
  expect('weights', weights.length, weightCount(layer));
  expect('biases', bias.length, sumCount(layer));
  expect('mask entries', mask?.length, weightCount(layer));
  expect('weight scales', weightScales?.length, outputChannels(layer));
  expect('codes', codes?.length, weightCount(layer));
}

/**
 * The largest |accumulator| any input can produce in a channel (in each of its parts), after the left shift of its factor:
 * (Σ|w| · max(127 − zeroPoint, zeroPoint + 128) + |bias|) · 2^max(shift, 0). It bounds every partial sum too, in any
 * order of addition, also where a kernel folds the zero point's share into the bias.
 */
export function accumulatorBound(
  layer: WeightedLayer,
  quantized: QuantizedLayer,
  tensors: QuantizedModel['tensors'],
): Float64Array {
  const reaches = sumScales(layer, tensors).map(
    ({ input: { zeroPoint }, reach = Math.max(INT8_MAX - zeroPoint, zeroPoint - INT8_MIN) }) =>
      reach,
  );
  const channels = outputChannels(layer);
  const bounds = new Float64Array(sumCount(layer));
  const sumAt = sumOf(layer);
  quantized.weights.forEach((w, i) => {
    const sum = sumAt(i);
    bounds[sum] = bounds[sum]! + Math.abs(w);
  });
  return bounds.map(
    (sum, c) =>
      (sum * reaches[Math.floor(c / channels)]! + Math.abs(quantized.bias[c]!)) *
      2 ** Math.max(quantized.shift[c]!, 0),
  );
}

/** What the executors rely on. Throws UserError where a model, from here or from a file, breaks it. */
export function checkModel(model: QuantizedModel): void {
  const problem = constantsProblem(model.graph, model.constants);
  if (problem !== undefined) throw new UserError(problem);
  for (const [name, { scale, zeroPoint }] of Object.entries(model.tensors)) {
    const whole = Number.isInteger(zeroPoint) && zeroPoint >= INT8_MIN && zeroPoint <= INT8_MAX;
    if (!(scale > 0 && scale < Infinity) || !whole) {
      throw new UserError(
        `Tensor '${name}' has scale ${scale} and zero point ${zeroPoint}; the scale must be positive and finite, the ` +
          'zero point a whole number in -128 … 127.',
      );
    }
  }
  for (const layer of model.graph.layers) {
    const output = tensorOf(model, layer.name);
    const expected = outputQuantization(layer, model.tensors, () => output);
    if (output.scale !== expected.scale || output.zeroPoint !== expected.zeroPoint) {
      throw new UserError(
        executeOp(layer.kind).quantization === 'input'
          ? `Layer '${layer.name}' must have the quantisation of its input.`
          : `Layer '${layer.name}': ${layer.kind} puts out scale 1/${1 / expected.scale}, ` +
              `zero point ${expected.zeroPoint}.`,
      );
    }
    if (isWeighted(layer)) checkWeighted(model, layer);
    executeOp(layer.kind).check?.(layer, model);
  }
}

function checkWeighted(model: QuantizedModel, layer: WeightedLayer): void {
  accumulatorBound(layer, weightsOf(model, layer.name), model.tensors).forEach((bound, c) => {
    if (bound <= ACCUMULATOR_LIMIT) return;
    throw new UserError(
      `Layer '${layer.name}', channel ${c}: an accumulator could reach ${bound}, beyond int32. ` +
        'Give the layer fewer inputs, or check the observed range of its output.',
    );
  });
}
