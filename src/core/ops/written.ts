/**
 * Layers as people write them, beyond what a graph has: other kinds become layers of these when a list is read
 * (graph/spell-out.ts). Batch norm is part of the layer before it; an activation that no layer can do itself is one behind it;
 * dropout is a matter of training.
 */
import type { LayerConfig } from './graph-ops';
import { inputCounts, layerType, layerTypes } from './graph-ops';
import type { ConfigBase } from './layer';
import { isConfig } from './layer-config';
import type { LayerKey } from './layer-keys';
import { ACTIVATION } from './layer-keys';
import { SLOPE } from './leakyRelu/graph';
import type { Clamp } from './shape';

/** Types of layers that `activation` of another may name: then they come behind it. */
export const SPELLED_ACTIVATIONS = [
  'leakyRelu',
  'elu',
  'sigmoid',
  'tanh',
  'hardSwish',
  'softmax',
] as const satisfies readonly LayerConfig['type'][];
export type SpelledActivation = (typeof SPELLED_ACTIVATIONS)[number];

/** Batch normalisation as a layer, as frameworks have it. */
export interface BatchNormConfig extends ConfigBase {
  readonly type: 'batchNorm';
}

/** Values that are left out at random while the float network is trained. */
export interface DropoutConfig extends ConfigBase {
  readonly type: 'dropout';
  readonly rate?: number;
}

/** A layer of a config's list. */
export type WrittenLayer = WithActivations<LayerConfig> | BatchNormConfig | DropoutConfig;

type WithActivations<C extends LayerConfig> = C extends { readonly activation?: infer A }
  ? Omit<C, 'activation'> & {
      readonly activation?: A | SpelledActivation;
      /** Of the activation `leakyRelu`. */
      readonly slope?: number;
    }
  : C;

/** What a config may say of a type of layer, and how many tensors such a layer reads. */
export interface WrittenType {
  readonly type: string;
  /** What one without a name is called, before its number. */
  readonly defaultName: string;
  readonly keys: readonly LayerKey[];
  /** Those of the keys that are optional, whatever other types make of them. */
  readonly optional: readonly LayerKey[];
  /** Such a layer, as an editor proposes it. */
  readonly example: object;
  readonly inputs: number;
}

const WRITTEN_ACTIVATION: LayerKey = {
  ...ACTIVATION,
  schema: { type: 'string', enum: [...(ACTIVATION.schema.enum ?? []), ...SPELLED_ACTIVATIONS] },
  description:
    'Applied to the output. relu and relu6 are part of the layer and cost nothing; the others are a layer of their own behind it. leakyRelu needs "slope" as well; softmax is for the last layer.',
  examples: ['relu', 'tanh'],
};

const BATCH_NORM_TYPE: WrittenType = {
  type: 'batchNorm',
  defaultName: 'bn',
  keys: [],
  optional: [],
  example: { type: 'batchNorm' },
  inputs: 1,
};

const RATE: LayerKey = {
  name: 'rate',
  schema: { type: 'number', minimum: 0, maximum: 0.95 },
  description:
    'Share of the values that a {types} layer sets to 0 in each step of the float epochs; the others grow by as much. It is no part of the network that is deployed.',
  examples: [0.2, 0.5],
};

const DROPOUT_TYPE: WrittenType = {
  type: 'dropout',
  defaultName: 'dropout',
  keys: [RATE],
  optional: [],
  example: { type: 'dropout', rate: 0.2 },
  inputs: 1,
};

/** All types that a layer of a config's list may have, in the order in which the reference has them. */
export function writtenTypes(): readonly WrittenType[] {
  const types = layerTypes().filter(({ fromFile }) => fromFile !== true);
  return types.flatMap(({ type, defaultName, op }): WrittenType[] => {
    const own = op.keys.filter(({ fromFile }) => fromFile !== true);
    const activates = own.includes(ACTIVATION);
    const keys = own.map((key) => (key === ACTIVATION ? WRITTEN_ACTIVATION : key));
    const optional = activates ? [SLOPE] : [];
    const written: WrittenType = {
      ...{ type, defaultName, optional, inputs: op.inputs },
      keys: [...keys, ...optional],
      example: { ...op.example, type },
    };
    return type === 'layerNorm' ? [BATCH_NORM_TYPE, DROPOUT_TYPE, written] : [written];
  });
}

/** What is known of the type that a layer of the list has. */
export function writtenType(config: WrittenLayer): Pick<WrittenType, 'defaultName'> {
  if (config.type === 'batchNorm') return BATCH_NORM_TYPE;
  return config.type === 'dropout' ? DROPOUT_TYPE : layerType(config);
}

/** The fewest and the most tensors that such a layer reads. */
export function writtenInputs(config: WrittenLayer): { least: number; most: number } {
  if (config.type === 'batchNorm' || config.type === 'dropout') return { least: 1, most: 1 };
  return inputCounts(asLayer(config));
}

/** The layer without an activation that becomes another one. */
export function asLayer(
  config: Exclude<WrittenLayer, BatchNormConfig | DropoutConfig>,
): LayerConfig {
  const { keys } = layerType(config).op;
  const its = Object.entries(config).filter(
    ([key, value]) => key !== 'activation' || !SPELLED_ACTIVATIONS.some((one) => one === value),
  );
  const layer = { ...Object.fromEntries(its), type: config.type };
  if (!isConfig(layer, keys))
    throw new Error(`A ${config.type} cannot be ${JSON.stringify(layer)}.`);
  return layer;
}

/** What an activation leaves of any number, where it does not leave them all. */
export interface Leaves {
  readonly range: string;
  /** Where it makes a score a probability: of each by itself, or of one among all. */
  readonly probability?: 'each' | 'one of all';
}

const LEAVES: Readonly<Record<Clamp | SpelledActivation, Leaves | undefined>> = {
  relu: { range: 'from 0 on' },
  relu6: { range: 'from 0 to 6' },
  leakyRelu: undefined,
  elu: { range: 'above −1' },
  sigmoid: { range: 'from 0 to 1', probability: 'each' },
  tanh: { range: 'from −1 to 1' },
  hardSwish: { range: 'from −0.375 on' },
  softmax: { range: 'from 0 to 1', probability: 'one of all' },
};

const isActivation = (name: string): name is keyof typeof LEAVES => Object.hasOwn(LEAVES, name);

/** What the layer does to its numbers at last, as it is written: in `activation`, or being one itself. */
export function lastActivation(
  layer: WrittenLayer,
):
  | { readonly name: string; readonly key: 'activation' | 'type'; readonly leaves: Leaves }
  | undefined {
  const key = 'activation' in layer ? 'activation' : 'type';
  const name = ('activation' in layer ? layer.activation : undefined) ?? layer.type;
  const leaves = isActivation(name) ? LEAVES[name] : undefined;
  return leaves && { name, key, leaves };
}
