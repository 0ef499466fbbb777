/** What bench/training.ts trains, and what it asks of the processes that do. */
import type { Architecture } from '../../src/core/config/config';
import type { Shape } from '../../src/core/ops/shape';

export interface BenchNetwork {
  readonly architecture: Architecture;
  readonly input: Shape;
  readonly classes: number;
  /** Of the first stage; undefined: the architecture's own. */
  readonly width: number | undefined;
}

export const NETWORKS = {
  resnet9: { architecture: 'resnet9', input: [32, 32, 3], classes: 10, width: 8 },
  resnet8: { architecture: 'resnet8', input: [32, 32, 3], classes: 10, width: undefined },
  'ds-cnn': { architecture: 'ds-cnn', input: [49, 10, 1], classes: 12, width: undefined },
} as const satisfies Record<string, BenchNetwork>;

export type NetworkName = keyof typeof NETWORKS;

export interface StepsRequest {
  /** Checkout whose src/ is measured. */
  readonly root: string;
  readonly engine: 'wasm' | 'native' | 'webgpu';
  readonly network: NetworkName;
  readonly quantized: boolean;
  readonly shards: number;
  readonly batchSize: number;
  readonly steps: number;
  /** Seconds of steps, of one at least, before those that count: the first ones compile and allocate. */
  readonly warmUp: number;
  /** Also what happens beside the steps and between them; the sources must have it. */
  readonly around: boolean;
}

export interface Measurement {
  /** Of each step. */
  readonly stepMilliseconds: readonly number[];
  /** Per step, of all threads. */
  readonly processorMilliseconds: number;
  /** Bytes of resident memory. */
  readonly peakMemory: number;
  readonly flopsPerImage: number;
  /** Milliseconds per step in kernels, by kind, and in the optimiser; empty with several threads. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Milliseconds of a thread of its own for each batch, and of the selection for a quarter of the bytes, per step. */
  readonly around?: { readonly data: number; readonly selection: number };
}
