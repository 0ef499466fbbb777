import { emitClip } from '../clip/emit';
import type { EmitOp } from '../emit-op';
import type { RequantizeLayer } from './graph';

export const requantize: EmitOp<RequantizeLayer> = emitClip<RequantizeLayer>();
