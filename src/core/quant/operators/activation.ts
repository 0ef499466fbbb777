/** A clamp on its own, for activations that could not be fused. Input and output share one quantisation. */

import type { ActivationLayer } from '../../ops/activation/graph';
import { clamp } from '../fixed-point';
import type { TensorQuantization } from '../model';
import { activationRange } from '../quantization';

export function activation(
  layer: ActivationLayer,
  input: Int8Array,
  quantization: TensorQuantization,
): Int8Array {
  const { min, max } = activationRange(layer.activation, quantization);
  return input.map((q) => clamp(q, min, max));
}
