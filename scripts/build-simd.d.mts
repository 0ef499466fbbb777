/** Compiles the SIMD training kernels; the module as base64. */
export function compileSimd(): Promise<string>;
