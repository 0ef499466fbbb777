/** The two builds of the SIMD kernels (simd-module.ts) for tests: those with fused multiply-add and the plain ones. */
import * as tf from '@tensorflow/tfjs-core';
import {
  bestRounding,
  bindKernels,
  type Rounding,
} from '../../../src/core/train/kernels/simd/simd-module';
import { wasmBackend } from '../../../src/core/train/kernels/wasm-heap';

const best = bestRounding();
if (best !== 'fused') {
  process.stdout.write('skipped: this processor or Node.js has no fused multiply-add\n');
}

export const hasFused = best === 'fused';
/** What there is on this machine. */
export const ROUNDINGS: readonly Rounding[] = hasFused ? ['fused', 'plain'] : ['plain'];

/** What `run` gives with that build. The engine's choice is back afterwards. */
export function withRounding<T>(rounding: Rounding, run: () => T): T {
  const backend = wasmBackend(tf.backend());
  bindKernels(backend, rounding);
  try {
    return run();
  } finally {
    bindKernels(backend, best);
  }
}
