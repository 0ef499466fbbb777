import type { ExecuteOp } from '../execute-op';
import type { FlattenLayer } from './graph';

export const flatten: ExecuteOp<FlattenLayer> = {
  quantization: 'input',
  run: (_, __, [input]) => input!,
};
