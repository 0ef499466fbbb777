/**
 * Layer normalisation in integers. Of C codes q at a place, with S their sum and Q that of their squares, the distances of
 * code c to the mean are (C·q − S) / C and their variance is (C·Q − S²) / C²: so scale and zero point of the input cancel but for
 * ε, and the normalised value is (C·q − S) / √(C·Q − S² + E), E = ε·C² / scale². The root is an exact integer one; all of it is
 * 64-bit arithmetic. What comes out, with 15 bits behind the point, is multiplied by γ and requantised as any sum is.
 * (TFLite has no such operator; its LSTM's layer normalisation computes the same in 32 bits, with a reciprocal root by Newton's
 * steps.)
 */
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import { UserError } from '../../util/errors';
import type { ExecuteOp } from '../execute-op';
import type { LayerNormLayer } from './graph';

/** Behind the point, of normalised values. */
const BITS = 15;
/** Behind the point, of the sum under the root. */
const SUM_BITS = 16;
/** E stays below 2^62, so that the sum under the root fits 64 bits. */
const MOST_EPSILON = 2 ** 62;

/** E, with SUM_BITS bits behind the point; above 0, so that no root is. */
export function epsilonCode(
  { epsilon, inputShape }: LayerNormLayer,
  { scale }: TensorQuantization,
): bigint {
  const whole = (epsilon * inputShape[2] ** 2 * 2 ** SUM_BITS) / scale ** 2;
  return BigInt(Math.max(1, Math.round(Math.min(whole, MOST_EPSILON))));
}

export const layerNorm: ExecuteOp<LayerNormLayer> = {
  quantization: 'own',
  run: (layer, model, [input]) => {
    const { weights, bias } = weightsOf(model, layer.name);
    const requantize = requantizer(layer, model);
    const channels = layer.inputShape[2];
    const epsilon = epsilonCode(layer, tensorOf(model, layer.inputs[0]));
    const output = new Int8Array(input!.length);
    for (let at = 0; at < output.length; at += channels) {
      const { sum, inverse, shift } = spreadOf(input!.subarray(at, at + channels), epsilon);
      for (let c = 0; c < channels; c++) {
        // Below 2^53 in size: exact in a double.
        const product = (channels * input![at + c]! - sum) * inverse;
        const normalised = Math.floor((product + 2 ** (shift - 1)) / 2 ** shift);
        output[at + c] = requantize(normalised * weights[c]! + bias[c]!, c);
      }
    }
    return output;
  },
  check: (layer, model: QuantizedModel) => {
    const { scale } = tensorOf(model, layer.inputs[0]);
    const least =
      Math.sqrt(layer.epsilon / MOST_EPSILON) * layer.inputShape[2] * 2 ** (SUM_BITS / 2);
    if (scale > least) return;
    throw new UserError(
      `Layer '${layer.name}': scale ${scale} of its input is too small beside its epsilon ${layer.epsilon}.`,
    );
  },
  scales: (layer, tensors) => [
    {
      input: { scale: 2 ** -BITS, zeroPoint: 0 },
      // No value is further from the mean, in deviations.
      reach: Math.ceil(Math.sqrt(layer.inputShape[2]) * 2 ** BITS),
      output: tensorOf({ tensors }, layer.name).scale,
    },
  ],
};

/** A distance C·q − S times `inverse`, shifted by `shift` to the right with rounding, is the normalised value. */
function spreadOf(
  codes: Int8Array,
  epsilon: bigint,
): { readonly sum: number; readonly inverse: number; readonly shift: number } {
  let [sum, squares] = [0, 0];
  for (const code of codes) {
    sum += code;
    squares += code * code;
  }
  let total = (BigInt(codes.length * squares - sum * sum) << BigInt(SUM_BITS)) + epsilon;
  // As many bits as there are for the root.
  let doubled = 0;
  for (; total < 1n << 62n; total <<= 2n) doubled++;
  const inverse = Number(((1n << 62n) - 1n) / squareRoot(total));
  return { sum, inverse, shift: 62 - BITS - SUM_BITS / 2 - doubled };
}

/** Rounded down, of a number below 2^64. */
function squareRoot(of: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(of))));
  while (root * root > of) root--;
  while ((root + 1n) * (root + 1n) <= of) root++;
  return root;
}
