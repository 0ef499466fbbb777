/** Batch norm as every layer that is trained with it computes it: γ·(x − mean)/√(variance + ε) + β, channel by channel. */

export const BATCH_NORM_EPSILON = 1e-3;

/** One value per channel each. */
export interface BatchNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** The same function with our ε in place of the one it was trained with. */
export function withOurEpsilon(norm: BatchNorm, epsilon: number): BatchNorm {
  const gamma = Float32Array.from(norm.gamma);
  const variance = norm.variance.map((value, c) => {
    const ours = value + epsilon - BATCH_NORM_EPSILON;
    if (ours >= 0) return ours;
    // A variance cannot be negative: the rest of the factor goes into γ.
    gamma[c] = norm.gamma[c]! * Math.sqrt(BATCH_NORM_EPSILON / (value + epsilon));
    return 0;
  });
  return { gamma, beta: norm.beta, mean: norm.mean, variance };
}
