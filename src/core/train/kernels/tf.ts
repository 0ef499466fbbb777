import type * as tfjs from '@tensorflow/tfjs-core';

/** The functional API of tfjs-core. tfjs-node brings an instance of its own, so always use the engine's. */
export type Tf = typeof tfjs;
