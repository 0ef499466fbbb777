import type { ExecuteOp } from '../execute-op';
import { LARGEST, pool } from '../pooling/execute';
import { poolWindow } from '../pooling/graph';
import type { MaxPool2DLayer } from './graph';

export const maxPool2d: ExecuteOp<MaxPool2DLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) => pool(layer, poolWindow(layer), LARGEST, input!),
};
