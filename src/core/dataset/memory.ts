/**
 * Example storage lives in shared memory, so that the prefetching thread reads the very same bytes and a data set is
 * in memory once.
 */
export function allocateBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

export function allocateFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}
