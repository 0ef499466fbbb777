import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { Clamp } from '../shape';
import { homogeneous } from '../shape';
import { placewise } from '../time';

/** A clamp that could not be fused into its producer (which has other consumers too). */
export interface ActivationLayer extends LayerBase {
  readonly kind: 'activation';
  readonly activation: Clamp;
}

export interface ActivationConfig extends ConfigBase {
  readonly type: Clamp;
}

export const activation: GraphOp<ActivationLayer, ActivationConfig> = {
  types: {
    relu: { defaultName: 'relu', clamp: 'relu' },
    relu6: { defaultName: 'relu6_', clamp: 'relu6' },
  },
  keys: [],
  example: { type: 'relu' },
  inputs: 1,
  layer: ({ type }, place) => ({
    ...place,
    kind: 'activation',
    activation: type,
    outputShape: place.inputShape,
  }),
  channels: 'kept',
  homogeneous,
  overTime: placewise(),
  last: false,
};
