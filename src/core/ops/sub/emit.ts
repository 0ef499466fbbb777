import { emitSum } from '../elementwise/emit';
import type { EmitOp } from '../emit-op';
import type { SubLayer } from './graph';
import { signsOf } from './signs';

export const sub: EmitOp<SubLayer> = emitSum(signsOf);
