import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { ACTIVATION } from '../layer-keys';
import type { Activation } from '../shape';
import { clamped, elements } from '../shape';

/**
 * γ·(x − mean)/√(variance + ε) + β at each place, mean and variance over its channels. The weights are γ, one for each
 * channel, and the biases β.
 */
export interface LayerNormLayer extends WeightedBase {
  readonly kind: 'layerNorm';
  readonly epsilon: number;
}

export interface LayerNormConfig extends ConfigBase {
  readonly type: 'layerNorm';
  readonly epsilon?: number;
  readonly activation?: Activation;
}

const EPSILON: LayerKey = {
  name: 'epsilon',
  schema: { type: 'number', minimum: 1e-12, maximum: 1 },
  description: 'What a layer of type {types} adds to the variance.',
  default: { value: 1e-3 },
  examples: [1e-5],
};

/** Sums of squares of so many codes, times their number, fit the 64 bits that the integer rule has for them. */
const MOST_CHANNELS = 8192;

export const layerNorm: GraphOp<LayerNormLayer, LayerNormConfig> = {
  types: { layerNorm: { defaultName: 'norm' } },
  keys: [EPSILON, ACTIVATION],
  example: { type: 'layerNorm' },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const channels = place.inputShape[2];
    if (channels > MOST_CHANNELS) {
      fail(`normalises ${channels} channels; up to ${MOST_CHANNELS} are supported`, 'type');
    }
    return {
      ...place,
      kind: 'layerNorm',
      outputShape: place.inputShape,
      epsilon: config.epsilon ?? 1e-3,
      batchNorm: false,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ inputShape }) => [inputShape[2]],
    channel: 'last',
    macs: ({ outputShape }) => elements(outputShape),
  },
  clamped,
  channels: 'own',
  last: false,
};
