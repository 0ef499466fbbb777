import type { GraphOp } from '../graph-op';
import type { Pool2DConfig, Pool2DLayer } from '../pooling/graph';
import { POOL_2D, poolLayer, poolWindow } from '../pooling/graph';
import { windowed } from '../time';

/** Divides by the number of cells inside the image, as TFLite does. */
export interface AveragePool2DLayer extends Pool2DLayer {
  readonly kind: 'averagePool2d';
}

export interface AveragePool2DConfig extends Pool2DConfig {
  readonly type: 'averagePool2d' | 'averagePool1d';
}

export const averagePool2d: GraphOp<AveragePool2DLayer, AveragePool2DConfig> = {
  ...POOL_2D,
  types: { averagePool2d: { defaultName: 'avgpool' }, averagePool1d: { defaultName: 'avgpool' } },
  example: { type: 'averagePool2d', pool: 2 },
  layer: (config, place, _, fail) => ({
    ...place,
    kind: 'averagePool2d',
    ...poolLayer(config, place, fail),
  }),
  overTime: windowed<AveragePool2DLayer>(poolWindow, false),
};
