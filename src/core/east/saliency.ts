/** What zeroing a weight is expected to cost, in numbers that may be compared across layers. */

/**
 * Magnitude saliency: w² over the mean of w² in its layer (weights real, any order; same length out). The sum over a
 * layer's pruned weights is the layer's lost energy in units of its average weight, so one threshold prunes every
 * layer where its own distribution is thin: a layer with small weights, or few of them, is not wiped out because
 * another's scale is larger. A layer that is all zero gives zeros.
 */
export function magnitudeSaliency(weights: Float32Array): Float32Array<ArrayBuffer> {
  let energy = 0;
  for (let i = 0; i < weights.length; i++) energy += weights[i]! * weights[i]!;
  const scale = energy > 0 ? weights.length / energy : 0;
  const saliency = new Float32Array(weights.length);
  for (let i = 0; i < weights.length; i++) saliency[i] = weights[i]! * weights[i]! * scale;
  return saliency;
}
