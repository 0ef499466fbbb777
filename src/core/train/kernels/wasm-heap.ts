/** Typed access to a tensor's values where tfjs-backend-wasm keeps them, without copying them out and back. */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

export type { BackendWasm };

/** Kernel functions are handed `{}`; this says which backend it is. */
export function wasmBackend(backend: unknown): BackendWasm {
  if (backend instanceof BackendWasm) return backend;
  throw new Error('a kernel for the wasm backend was called with another backend');
}

/**
 * The float32 values themselves, not a copy. Valid until the next allocation: memory that grows gets a new buffer, so
 * allocate all outputs first.
 */
export function floats(backend: BackendWasm, tensor: TensorInfo): Float32Array {
  if (tensor.dtype !== 'float32') throw new Error(`expected float32, got ${tensor.dtype}`);
  const values = backend.typedArrayFromHeap(tensor);
  if (values instanceof Float32Array) return values;
  throw new Error('a float32 tensor without float32 values');
}

/** A new tensor with undefined contents, owned by the caller. */
export function allocate(
  backend: BackendWasm,
  shape: readonly number[],
  dtype: DataType = 'float32',
): TensorInfo {
  return backend.makeOutput([...shape], dtype);
}

export function release(backend: BackendWasm, ...tensors: TensorInfo[]): void {
  for (const tensor of tensors) backend.disposeData(tensor.dataId);
}
