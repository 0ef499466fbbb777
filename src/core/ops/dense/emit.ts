import type { WeightFormat } from '../../formats/formats';
import type { EmitOp } from '../emit-op';
import { graphOp, type Layer } from '../graph-ops';
import { elements } from '../shape';
import type { DenseLayer } from './graph';
import { denseOnce } from './once-emit';

/**
 * From so many weights of a layer on a network brings fast kernels, which multiply straight from packed weights: 1.6 to 5
 * instructions a weight instead of 2.1 to 8, for 200 to 800 bytes of code a format more (bench/results/stored.json).
 */
const WORTH_CODE = 8192;

/** Kernels that are fast. */
const FAST = {
  int8: 'east_dense_int8',
  int4: 'east_dense_int4',
  quaternary: 'east_dense_quaternary',
  ternary: 'east_dense_ternary',
  binary: 'east_dense_binary',
} as const satisfies Record<WeightFormat, string>;

export const dense: EmitOp<DenseLayer> = {
  kernel: 'east_dense',
  /** The same kernels for all of a network's layers: two of a kind would be code for nothing. */
  kernelFor: (format, layers) => {
    if (layers.some((layer) => layer.kind === 'dense' && weightsOf(layer) >= WORTH_CODE)) {
      return FAST[format];
    }
    return format === 'int8' ? undefined : 'east_dense_packed';
  },
  variant: ({ rounding }) => (rounding === 'once' ? denseOnce : undefined),
  output: 'apart',
  /** Its inputs may be many. */
  dimensions: ({ units }) => [units],
  foldsZeroPoint: true,
};

function weightsOf(layer: Layer): number {
  return elements(graphOp(layer.kind).weights?.shape(layer) ?? [0]);
}
