import type { GraphOp } from '../graph-op';
import type { LayerKey } from '../layer-keys';
import { UNITS } from '../layer-keys';
import type { RecurrentBase, RecurrentConfig } from '../recurrent/sequence';
import { RETURN_SEQUENCES, sequenceKeys, sequenceParts } from '../recurrent/sequence';

/** Update, reset and new, in this order: that of Keras and ONNX. (PyTorch has r, z, n.) */
export const GRU_GATES = 3;

/**
 * z, r = σ(W x + R h + b); n = tanh(W x + b + r·(R h + bR)); h = (1 − z)·n + z·h: the state is reset behind its weights, as
 * PyTorch does, Keras with reset_after, ONNX with linear_before_reset; or in front of them, n = tanh(W x + R (r·h) + b). Weights and biases are stored as those of an LSTM are,
 * with three gates; the biases of R count apart in the gate n.
 */
export interface GruLayer extends RecurrentBase {
  readonly kind: 'gru';
  /** Whether the state is reset before it meets its weights. */
  readonly resetBefore?: true;
}

export interface GruConfig extends RecurrentConfig {
  readonly type: 'gru';
  readonly resetBefore?: boolean;
}

const RESET_BEFORE: LayerKey = {
  name: 'resetBefore',
  schema: { type: 'boolean' },
  description:
    'Whether a layer of type {types} resets its state before that meets its weights (reset_after=False in Keras) or behind them, as PyTorch does.',
  default: { value: false },
  examples: [true],
};

export const gru: GraphOp<GruLayer, GruConfig> = {
  types: { gru: { defaultName: 'gru' } },
  keys: [UNITS, RETURN_SEQUENCES, RESET_BEFORE],
  example: { type: 'gru', units: 16 },
  inputs: 1,
  layer: (config, place, _, fail) => ({
    ...place,
    kind: 'gru',
    ...sequenceKeys(config, place.inputShape, fail),
    ...(config.resetBefore === true ? { resetBefore: true } : {}),
  }),
  weights: {
    shape: (layer) => {
      const [inputs, states] = sequenceParts(layer);
      return [GRU_GATES * layer.units, inputs + states];
    },
    channel: 'first',
    channels: ({ units }) => GRU_GATES * units,
    parts: sequenceParts,
    together: true,
    macs: (layer) => {
      const [inputs, states] = sequenceParts(layer);
      return layer.inputShape[1] * GRU_GATES * layer.units * (inputs + states);
    },
  },
  channels: 'own',
  last: false,
};
