import type { FrontendModel } from '../frontends/frontend';
import type { Graph } from '../graph/graph';
import { UserError } from '../util/errors';

/** Affine per-tensor quantisation: real = scale · (q − zeroPoint), q an int8 (TFLite quantisation specification). */
export interface TensorQuantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** One weighted layer after batch-norm folding and quantisation. */
export interface QuantizedLayer {
  /** int8 in −127 … 127, storage order of the layer kind (graph.ts); zero is exactly 0. */
  readonly weights: Int8Array;
  /** Symmetric scale of each sum (graph.ts): of each output channel, where a channel's weights have no parts. */
  readonly weightScales: Float64Array;
  /** One for each sum: int32 at scale inputScale · weightScale[c], zero point 0. */
  readonly bias: Int32Array;
  /** Output multiplier of each sum as a Q31 mantissa and a power-of-two exponent (positive is a left shift). */
  readonly multiplier: Int32Array;
  readonly shift: Int32Array;
}

/** A tensor that a layer owns besides weights, H·W·C. */
export interface QuantizedConstant {
  readonly values: Int8Array;
  readonly quantization: TensorQuantization;
}

/** By layer and by the name that the layer has for it. */
export type QuantizedConstants = Readonly<
  Record<string, Readonly<Record<string, QuantizedConstant>>>
>;

/**
 * What the chip computes. Everything the integer executor and the C sources need, and nothing else.
 * Pooling, flatten and activation layers keep the quantisation of their input; softmax outputs scale 1/256, zero −128.
 */
export interface QuantizedModel {
  readonly graph: Graph;
  /** By tensor name: `input` and every layer's output. */
  readonly tensors: Readonly<Record<string, TensorQuantization>>;
  /** By layer name, for weighted layers. */
  readonly layers: Readonly<Record<string, QuantizedLayer>>;
  /** Of the layers that own any; absent where none does. */
  readonly constants?: QuantizedConstants;
  /** What makes its input of raw samples: input codes are those of the front end − 128. */
  readonly frontend?: FrontendModel;
}

/** The quantisation of a tensor that must be there. */
export function tensorOf(
  { tensors }: Pick<QuantizedModel, 'tensors'>,
  name: string | undefined,
): TensorQuantization {
  const tensor = name === undefined ? undefined : tensors[name];
  if (tensor === undefined) throw new UserError(`Tensor '${name}' has no quantisation.`);
  return tensor;
}

/** What a layer's weights became. */
export function weightsOf(
  { layers }: Pick<QuantizedModel, 'layers'>,
  name: string,
): QuantizedLayer {
  const layer = layers[name];
  if (layer === undefined) throw new UserError(`Layer '${name}' has no weights.`);
  return layer;
}
