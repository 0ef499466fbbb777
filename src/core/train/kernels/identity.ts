/**
 * Identity by reference. tfjs-core runs it on every tensor that it keeps for a gradient, and the backend's own kernel
 * copies all values each time; tensors are immutable and their data counted, so the same data serve.
 */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Tf } from './tf';
import { input } from './kernel-arguments';
import { wasmBackend } from './wasm-heap';

export function identityByReference(tf: Tf): KernelConfig {
  return {
    kernelName: tf.Identity,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = input(inputs, 'x');
      wasmBackend(backend).incRef(dataId);
      return { dataId, shape, dtype };
    },
  };
}
