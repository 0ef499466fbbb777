import type { ExecuteOp } from '../execute-op';
import { AVERAGE, pool } from '../pooling/execute';
import { poolWindow } from '../pooling/graph';
import type { AveragePool2DLayer } from './graph';

export const averagePool2d: ExecuteOp<AveragePool2DLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) => pool(layer, poolWindow(layer), AVERAGE, input!),
};
