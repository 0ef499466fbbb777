import type { EmitOp } from '../emit-op';
import { poolEmit } from '../pooling/emit';
import { planeWindow } from '../pooling/graph';
import type { GlobalMaxPoolLayer } from './graph';

export const globalMaxPool: EmitOp<GlobalMaxPoolLayer> = poolEmit('east_max_pool_2d', planeWindow);
