/** The firmware of fully connected layers whose sums are rounded once: a column of inputs or several, as TFLite files have them. */
import { braces } from '../../firmware/c-text';
import type { EmitOp } from '../emit-op';
import type { WeightedBase } from '../layer';

export const denseOnce: EmitOp<WeightedBase> = {
  kernel: 'east_dense_once',
  header: 'east_dense_once',
  params: {
    struct: 'east_dense_once_params',
    values: ({ outputShape: [height, width] }) => braces(height * width),
  },
  output: 'apart',
  dimensions: ({ outputShape }) => [outputShape[2]],
  foldsZeroPoint: true,
};
