import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import { placewise } from '../time';

/** x where it is positive, `slope` times x where it is not. A layer of its own: it is no clamp, so nothing can take it over. */
export interface LeakyReluLayer extends LayerBase {
  readonly kind: 'leakyRelu';
  readonly slope: number;
}

export interface LeakyReluConfig extends ConfigBase {
  readonly type: 'leakyRelu';
  readonly slope?: number;
}

export const SLOPE: LayerKey = {
  name: 'slope',
  schema: { type: 'number', minimum: 0, maximum: 1 },
  description:
    'What a {types} multiplies negative values with. It has no default, since frameworks differ: PyTorch has 0.01, Keras 0.3.',
  examples: [0.01, 0.1],
};

export const leakyRelu: GraphOp<LeakyReluLayer, LeakyReluConfig> = {
  types: { leakyRelu: { defaultName: 'leaky' } },
  keys: [SLOPE],
  example: { type: 'leakyRelu', slope: 0.1 },
  inputs: 1,
  layer: (config, place, _, fail) => ({
    ...place,
    kind: 'leakyRelu',
    slope: required(config, 'slope', fail),
    outputShape: place.inputShape,
  }),
  channels: 'kept',
  homogeneous: () => true,
  overTime: placewise(),
  last: false,
};
