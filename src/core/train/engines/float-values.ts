/** What an engine gives for a float32 tensor. @throws Error for any other. */
export function floatValues(values: ArrayLike<number>): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new Error('expected float32 values');
}
