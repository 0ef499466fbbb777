import type { EmitOp } from '../emit-op';
import { poolEmit } from '../pooling/emit';
import { planeWindow } from '../pooling/graph';
import type { GlobalAveragePoolLayer } from './graph';

export const globalAveragePool: EmitOp<GlobalAveragePoolLayer> = poolEmit(
  'east_average_pool_2d',
  planeWindow,
);
