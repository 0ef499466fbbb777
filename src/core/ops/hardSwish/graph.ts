import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { placewise } from '../time';

/** x · relu6(x + 3) ÷ 6. */
export interface HardSwishLayer extends LayerBase {
  readonly kind: 'hardSwish';
}

export interface HardSwishConfig extends ConfigBase {
  readonly type: 'hardSwish';
}

export const hardSwish: GraphOp<HardSwishLayer, HardSwishConfig> = {
  types: { hardSwish: { defaultName: 'hard_swish' } },
  keys: [],
  example: { type: 'hardSwish' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'hardSwish', outputShape: place.inputShape }),
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
