import type { EmitOp } from '../emit-op';
import type { DenseLayer } from './graph';

export const dense: EmitOp<DenseLayer> = {
  kernel: 'east_dense',
  uses: ['east_multiply'],
  packed: { kernel: 'east_dense_packed', uses: [] },
  output: 'apart',
  /** Its inputs may be many. */
  dimensions: ({ units }) => [units],
  foldsZeroPoint: true,
};
