// AssemblyScript: what the sums of products are made of, for the files that scripts/generate/simd-kernels.ts compiles.

/**
 * sum + x·y: rounded once where the module is compiled with relaxed SIMD (and the processor has such an instruction),
 * else twice.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** sum + x·y of one number, to see how often this module rounds here. */
export function probeMultiplyAdd(sum: f32, x: f32, y: f32): f32 {
  return f32x4.extract_lane(multiplyAdd(f32x4.splat(sum), f32x4.splat(x), f32x4.splat(y)), 0);
}
