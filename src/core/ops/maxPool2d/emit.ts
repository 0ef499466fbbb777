import type { EmitOp } from '../emit-op';
import { poolEmit } from '../pooling/emit';
import { poolWindow } from '../pooling/graph';
import type { MaxPool2DLayer } from './graph';

export const maxPool2d: EmitOp<MaxPool2DLayer> = poolEmit<MaxPool2DLayer>(
  'east_max_pool_2d',
  poolWindow,
);
