import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { GLOBAL_POOL } from '../pooling/graph';
import { checkSequence } from '../sequence';

export interface GlobalMaxPoolLayer extends LayerBase {
  readonly kind: 'globalMaxPool';
}

export interface GlobalMaxPoolConfig extends ConfigBase {
  readonly type: 'globalMaxPool' | 'globalMaxPool1d';
}

export const globalMaxPool: GraphOp<GlobalMaxPoolLayer, GlobalMaxPoolConfig> = {
  ...GLOBAL_POOL,
  types: {
    globalMaxPool: { defaultName: 'global_maxpool' },
    globalMaxPool1d: { defaultName: 'global_maxpool' },
  },
  example: { type: 'globalMaxPool' },
  layer: (config, place, _, fail) => {
    checkSequence(config, place.inputShape, fail);
    return {
      ...place,
      kind: 'globalMaxPool',
      outputShape: [1, 1, place.inputShape[2]],
    };
  },
};
