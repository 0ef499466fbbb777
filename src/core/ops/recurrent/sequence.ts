/** What recurrent layers share: a state of so many units, carried over the steps of a sequence. */
import type { ConfigBase, WeightedBase } from '../layer';
import type { Fail, LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import type { Shape } from '../shape';

/**
 * Reads a sequence [1, time, channels]. A channel of the weights is a gate of a unit, gate by gate in the order of its kind;
 * its weights are [those of the input | those of the state before], two parts that are scaled apart, each with a bias.
 */
export interface RecurrentBase extends WeightedBase {
  readonly units: number;
  /** Whether the states after all steps are put out, [1, time, units], or the last, [1, 1, units]. */
  readonly returnSequences: boolean;
}

export interface RecurrentConfig extends ConfigBase {
  readonly units?: number;
  readonly returnSequences?: boolean;
}

export const RETURN_SEQUENCES: LayerKey = {
  name: 'returnSequences',
  schema: { type: 'boolean' },
  description:
    'Whether a layer of type {types} puts out its state after every step of the sequence, or only after the last one.',
  default: { value: false },
  examples: [true],
};

/** The keys that all of them have, by the config. */
export function sequenceKeys(
  config: RecurrentConfig,
  [height, time]: Shape,
  fail: Fail,
): Pick<RecurrentBase, 'units' | 'returnSequences' | 'outputShape' | 'batchNorm' | 'activation'> {
  if (height !== 1) fail(`reads sequences, 1×time×channels, not ${height} rows of them`);
  const units = required(config, 'units', fail);
  const returnSequences = config.returnSequences ?? false;
  return {
    units,
    returnSequences,
    outputShape: [1, returnSequences ? time : 1, units],
    batchNorm: false,
    activation: 'none',
  };
}

/** Weights of the input and of the state, in each channel. */
export function sequenceParts({
  inputShape,
  units,
}: Pick<RecurrentBase, 'inputShape' | 'units'>): readonly [number, number] {
  return [inputShape[2], units];
}
