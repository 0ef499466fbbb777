/** Compiles the SIMD training kernels, `fused` with relaxed SIMD; the module as base64. */
export function compileSimd(options: { fused: boolean }): Promise<string>;
