import type { EmitOp } from '../emit-op';
import { reducedDimensions, reducedValues } from '../reduced/emit';
import type { ReduceMaxLayer } from './graph';

export const reduceMax: EmitOp<ReduceMaxLayer> = {
  kernel: 'east_reduce_max',
  header: 'east_reduced',
  params: { struct: 'east_reduced', values: (layer) => reducedValues(layer) },
  output: 'apart',
  dimensions: reducedDimensions,
};
