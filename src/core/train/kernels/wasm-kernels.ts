/** Kernels of ours as TensorFlow.js takes them. */
import type {
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { wasmBackend, type BackendWasm } from './wasm-heap';

export type WasmKernel = (
  inputs: NamedTensorInfoMap,
  backend: BackendWasm,
  attrs: NamedAttrMap | undefined,
) => TensorInfo | TensorInfo[];

/** By the names they are registered under. */
export function wasmKernels(kernels: Readonly<Record<string, WasmKernel>>): KernelConfig[] {
  return Object.entries(kernels).map(([kernelName, kernel]) => ({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => kernel(inputs, wasmBackend(backend), attrs),
  }));
}
