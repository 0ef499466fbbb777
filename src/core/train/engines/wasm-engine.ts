/** The engine that installs and runs anywhere: tfjs-backend-wasm, completed with the kernels that training needs. */
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import type { Engine } from './engine';
import { registerGradients } from '../kernels/gradients';
import { registerTrainingKernels } from '../kernels/register';
import { bestRounding } from '../kernels/simd/simd-module';
import { wasmFolder } from './wasm-folder';

export async function openWasmEngine(): Promise<Engine> {
  setWasmPaths(wasmFolder());
  if (!(await withDirname(() => tf.setBackend('wasm')))) {
    throw new Error(
      `tfjs-backend-wasm could not start; its binaries were expected in ${wasmFolder()}`,
    );
  }
  registerGradients(tf);
  registerTrainingKernels(tf);
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true ? ' SIMD' : '';
  const fused = bestRounding() === 'fused' ? '+FMA' : '';
  return { name: 'wasm', build: `WASM${simd}${fused} ${version_wasm}`, tf };
}

/**
 * The backend's start-up code reads the CommonJS variable `__dirname` (and then looks where setWasmPaths says). Bundled
 * into an ES module it would find none, so there is a global one for as long as it runs.
 */
async function withDirname<T>(start: () => Promise<T>): Promise<T> {
  if ('__dirname' in globalThis) return start();
  Object.defineProperty(globalThis, '__dirname', { value: wasmFolder(), configurable: true });
  try {
    return await start();
  } finally {
    Reflect.deleteProperty(globalThis, '__dirname');
  }
}
