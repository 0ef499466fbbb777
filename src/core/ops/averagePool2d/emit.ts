import type { EmitOp } from '../emit-op';
import { poolEmit } from '../pooling/emit';
import { poolWindow } from '../pooling/graph';
import type { AveragePool2DLayer } from './graph';

export const averagePool2d: EmitOp<AveragePool2DLayer> = poolEmit<AveragePool2DLayer>(
  'east_average_pool_2d',
  poolWindow,
);
