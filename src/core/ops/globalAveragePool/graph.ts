import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { GLOBAL_POOL } from '../pooling/graph';
import { checkSequence } from '../sequence';

export interface GlobalAveragePoolLayer extends LayerBase {
  readonly kind: 'globalAveragePool';
}

export interface GlobalAveragePoolConfig extends ConfigBase {
  readonly type: 'globalAveragePool' | 'globalAveragePool1d';
}

export const globalAveragePool: GraphOp<GlobalAveragePoolLayer, GlobalAveragePoolConfig> = {
  ...GLOBAL_POOL,
  types: {
    globalAveragePool: { defaultName: 'global_avgpool' },
    globalAveragePool1d: { defaultName: 'global_avgpool' },
  },
  example: { type: 'globalAveragePool' },
  layer: (config, place, _, fail) => {
    checkSequence(config, place.inputShape, fail);
    return {
      ...place,
      kind: 'globalAveragePool',
      outputShape: [1, 1, place.inputShape[2]],
    };
  },
};
