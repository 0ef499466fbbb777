import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { placewise } from '../time';

/** The hyperbolic tangent. Its int8 outputs always have scale 1/128 and zero point 0. */
export interface TanhLayer extends LayerBase {
  readonly kind: 'tanh';
}

export interface TanhConfig extends ConfigBase {
  readonly type: 'tanh';
}

export const tanh: GraphOp<TanhLayer, TanhConfig> = {
  types: { tanh: { defaultName: 'tanh' } },
  keys: [],
  example: { type: 'tanh' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'tanh', outputShape: place.inputShape }),
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
