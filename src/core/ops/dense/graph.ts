import type { GraphOp } from '../graph-op';
import type { ConfigBase, WeightedBase } from '../layer';
import type { WeightedKeys } from '../layer-keys';
import { ACTIVATION, BATCH_NORM, required, UNITS } from '../layer-keys';
import { clamped, elements, homogeneous } from '../shape';

/** Flattens its input (H, W, C order). Weights are stored [units, inputs]. Output shape [1, 1, units]. */
export interface DenseLayer extends WeightedBase {
  readonly kind: 'dense';
  readonly units: number;
}

export interface DenseConfig extends ConfigBase, WeightedKeys {
  readonly type: 'dense';
  readonly units?: number;
}

export const dense: GraphOp<DenseLayer, DenseConfig> = {
  types: { dense: { defaultName: 'dense' } },
  keys: [UNITS, BATCH_NORM, ACTIVATION],
  example: { type: 'dense', units: 10 },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const units = required(config, 'units', fail);
    return {
      ...place,
      kind: 'dense',
      units,
      outputShape: [1, 1, units],
      batchNorm: config.batchNorm ?? false,
      activation: config.activation ?? 'none',
    };
  },
  weights: {
    shape: ({ units, inputShape }) => [units, elements(inputShape)],
    channel: 'first',
    macs: ({ units, inputShape }) => units * elements(inputShape),
  },
  clamped,
  channels: 'mixed',
  homogeneous,
  last: false,
};
