import type { ExecuteOp } from '../execute-op';
import type { ReshapeLayer } from './graph';

export const reshape: ExecuteOp<ReshapeLayer> = {
  quantization: 'input',
  run: (_, __, [input]) => input!,
};
