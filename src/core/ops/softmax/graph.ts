import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';

/** Over the channels. Training takes the logits before it; accuracy does not depend on it. */
export interface SoftmaxLayer extends LayerBase {
  readonly kind: 'softmax';
}

export interface SoftmaxConfig extends ConfigBase {
  readonly type: 'softmax';
}

export const softmax: GraphOp<SoftmaxLayer, SoftmaxConfig> = {
  types: { softmax: { defaultName: 'softmax' } },
  keys: [],
  example: { type: 'softmax' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'softmax', outputShape: place.inputShape }),
  channels: 'bound',
  puts: 'probability',
  last: true,
};
