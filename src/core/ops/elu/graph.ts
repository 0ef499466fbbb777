import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { placewise } from '../time';

/** x where it is positive, e^x − 1 where it is not. */
export interface EluLayer extends LayerBase {
  readonly kind: 'elu';
}

export interface EluConfig extends ConfigBase {
  readonly type: 'elu';
}

export const elu: GraphOp<EluLayer, EluConfig> = {
  types: { elu: { defaultName: 'elu' } },
  keys: [],
  example: { type: 'elu' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'elu', outputShape: place.inputShape }),
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
