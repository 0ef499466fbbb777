/** Reference QUANTIZE from int8 to int8: what a clip without bounds is. */
import { clippedByCodes } from '../clip/execute';
import type { ExecuteOp } from '../execute-op';
import type { RequantizeLayer } from './graph';

export const requantize: ExecuteOp<RequantizeLayer> = clippedByCodes<RequantizeLayer>();
