/**
 * What the trainer computes with. One interface over TensorFlow.js backends that differ by a factor of hundreds in
 * speed and not at all in meaning, so that every line above this folder is the same for all of them.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { EngineChoice } from '../../config/config';
import type { Tf } from '../kernels/tf';

export type EngineName = Exclude<EngineChoice, 'auto'>;

export const ENGINES = ['wasm', 'native', 'webgpu', 'cpu'] as const satisfies readonly EngineName[];

export interface Engine {
  readonly name: EngineName;
  /** Which one it is, library and version, e.g. `WASM SIMD+FMA 4.22.0`: each build rounds in its own way. */
  readonly build: string;
  readonly tf: Tf;
  /** Where the engine splits sums over threads of its own: their number, which then decides the last bits. */
  readonly threads?: number;
  /**
   * Present where values come back only later: calls `compute`, reads the float32 tensors it returns, and disposes of
   * them. Rejects with the cause when the device was lost, ran out of memory or refused a command since `compute` began.
   */
  readonly fetch?: (compute: () => readonly Tensor[]) => Promise<Float32Array[]>;
}
