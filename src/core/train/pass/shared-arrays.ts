/** Arrays in memory that threads can share; to whoever does not share them they are like any other. */
import type { Constants } from '../../quant/constants';

export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(Float32Array.BYTES_PER_ELEMENT * length));
}

export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** The same constants, so that other threads need no copies. */
export function sharedConstants(constants: Constants): Constants {
  return Object.fromEntries(
    Object.entries(constants).map(([layer, its]) => [
      layer,
      Object.fromEntries(Object.entries(its).map(([name, array]) => [name, inSharedMemory(array)])),
    ]),
  );
}

/** The array itself, or a copy in shared memory. */
export function inSharedMemory(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = sharedFloats(values.length);
  shared.set(values);
  return shared;
}
