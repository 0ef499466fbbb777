import type { ExecuteOp } from '../execute-op';
import { AVERAGE, pool } from '../pooling/execute';
import { planeWindow } from '../pooling/graph';
import type { GlobalAveragePoolLayer } from './graph';

/** TFLite's AVERAGE_POOL_2D over the whole plane, not its MEAN. */
export const globalAveragePool: ExecuteOp<GlobalAveragePoolLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) => pool(layer, planeWindow(layer), AVERAGE, input!),
};
