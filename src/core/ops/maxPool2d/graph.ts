import type { GraphOp } from '../graph-op';
import type { Pool2DConfig, Pool2DLayer } from '../pooling/graph';
import { POOL_2D, poolLayer, poolWindow } from '../pooling/graph';
import { windowed } from '../time';

/** The largest value under each window; padding is never the largest. */
export interface MaxPool2DLayer extends Pool2DLayer {
  readonly kind: 'maxPool2d';
}

export interface MaxPool2DConfig extends Pool2DConfig {
  readonly type: 'maxPool2d' | 'maxPool1d';
}

export const maxPool2d: GraphOp<MaxPool2DLayer, MaxPool2DConfig> = {
  ...POOL_2D,
  types: { maxPool2d: { defaultName: 'maxpool' }, maxPool1d: { defaultName: 'maxpool' } },
  example: { type: 'maxPool2d', pool: 2 },
  layer: (config, place, _, fail) => ({
    ...place,
    kind: 'maxPool2d',
    ...poolLayer(config, place, fail),
  }),
  overTime: windowed<MaxPool2DLayer>(poolWindow, false),
};
