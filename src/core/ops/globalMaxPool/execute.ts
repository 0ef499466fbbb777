import type { ExecuteOp } from '../execute-op';
import { LARGEST, pool } from '../pooling/execute';
import { planeWindow } from '../pooling/graph';
import type { GlobalMaxPoolLayer } from './graph';

export const globalMaxPool: ExecuteOp<GlobalMaxPoolLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) => pool(layer, planeWindow(layer), LARGEST, input!),
};
