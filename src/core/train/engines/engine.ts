/**
 * What the trainer computes with. One interface over TensorFlow.js backends that differ by a factor of hundreds in
 * speed and not at all in meaning, so that every line above this folder is the same for all of them.
 */
import type * as tfjs from '@tensorflow/tfjs-core';

/** The functional API of tfjs-core. tfjs-node brings an instance of its own, so always use the engine's. */
export type Tf = typeof tfjs;

export const ENGINES = ['wasm', 'native', 'cpu'] as const;

export type EngineName = (typeof ENGINES)[number];

export interface Engine {
  readonly name: EngineName;
  /** For people, e.g. `WASM SIMD 4.22.0`. */
  readonly description: string;
  readonly tf: Tf;
  /** Where the engine splits sums over threads of its own: their number, which then decides the last bits. */
  readonly threads?: number;
}
