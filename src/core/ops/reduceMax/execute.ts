/** Reference int8 REDUCE_MAX. */
import type { ExecuteOp } from '../execute-op';
import { reduce } from '../reduced/execute';
import type { ReduceMaxLayer } from './graph';

export const reduceMax: ExecuteOp<ReduceMaxLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) => reduce(layer, input!, -128, Math.max, (largest) => largest),
};
