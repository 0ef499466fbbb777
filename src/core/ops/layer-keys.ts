/**
 * The keys of the config's layers that a kind may take besides `type`, `name` and `inputs`, each described once however
 * many kinds share it. A key that one kind alone has may as well stand in that kind's graph facet.
 */
import type { ConfigBase } from './layer';
import type { Activation, Padding, Pair } from './shape';

/** The part of JSON schema (draft 07) that the key of a layer needs. */
export interface KeySchema {
  readonly type: string | readonly string[];
  readonly enum?: readonly unknown[];
  /** What a text must match where other types are allowed beside texts, and the texts that do. */
  readonly pattern?: string;
  readonly 'x-words'?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: KeySchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** In words, where type, range and enum do not say it. */
  readonly 'x-expected'?: string;
}

export interface LayerKey {
  readonly name: string;
  readonly schema: KeySchema;
  /** For hover and reference; `{types}` stands for the types of layers that take it: `conv2d or dense`. */
  readonly description: string;
  /** In words, where it depends on the type; a value where it does not. Without it every layer that takes it needs it. */
  readonly default?: { readonly words: string } | { readonly value: unknown };
  readonly examples: readonly unknown[];
  /** Of layers that come from a network's file: a config cannot say it, since it lacks the values. */
  readonly fromFile?: true;
}

const SIZE = { type: 'integer', minimum: 1, maximum: 1024 } as const;
const SIZES = {
  ...SIZE,
  type: ['integer', 'array'],
  items: SIZE,
  minItems: 2,
  maxItems: 2,
  'x-expected': 'a whole number from 1 to 1024, or two of them as [vertical, horizontal]',
} as const;

/** Texts beside values of other types. */
function words(...texts: readonly string[]): Pick<KeySchema, 'pattern' | 'x-words'> {
  return { pattern: `^(${texts.join('|')})$`, 'x-words': texts };
}

export const FILTERS: LayerKey = {
  name: 'filters',
  schema: { type: 'integer', minimum: 1, maximum: 4096 },
  description: 'Output channels of a {types}.',
  examples: [16],
};

export const UNITS: LayerKey = {
  name: 'units',
  schema: { type: 'integer', minimum: 1, maximum: 65536 },
  description: 'Outputs of a {types} layer.',
  examples: [10],
};

export const KERNEL: LayerKey = {
  name: 'kernel',
  schema: SIZES,
  description:
    'Size of the filter of a {types}: one number for a square, or [vertical, horizontal]. Of a sequence, its length.',
  examples: [3, [10, 4]],
};

export const STRIDE: LayerKey = {
  name: 'stride',
  schema: SIZES,
  description: 'Step of the filter or pool: one number, or [vertical, horizontal].',
  default: { words: '1 for convolutions, the size of the pool for pools' },
  examples: [2, [2, 1]],
};

export const POOL: LayerKey = {
  name: 'pool',
  schema: SIZES,
  description: 'Size of the window of a {types}: one number, or [vertical, horizontal].',
  examples: [2, [1, 2]],
};

export const PADDING: LayerKey = {
  name: 'padding',
  schema: {
    type: ['string', 'array'],
    ...words('same', 'valid', 'causal'),
    items: { type: 'integer', minimum: 0, maximum: 1023 },
    minItems: 2,
    maxItems: 4,
    'x-expected':
      'one of "same", "valid", "causal", or four whole numbers as [top, bottom, left, right], of a sequence two as [before, after]',
  },
  description:
    "same: as many outputs as inputs (divided by the stride), padded as TensorFlow does. valid: no padding. causal: as same, but of the width, which is time in a sequence, all in front, so that no output depends on later inputs. [top, bottom, left, right]: rows and columns of padding; PyTorch's padding=1 is [1, 1, 1, 1]. Layers of sequences take [before, after].",
  default: { words: 'same for convolutions, valid for pools' },
  examples: ['same', 'valid', 'causal', [1, 1, 1, 1]],
};

export const DILATION: LayerKey = {
  name: 'dilation',
  schema: SIZES,
  description:
    'Cells from one tap of the filter to the next: one number, or [vertical, horizontal]. 2 leaves every other cell out, so that the filter sees twice as far with the same weights.',
  default: { value: 1 },
  examples: [2, [1, 4]],
};

export const GROUPS: LayerKey = {
  name: 'groups',
  schema: { type: 'integer', minimum: 1, maximum: 4096 },
  description:
    'Groups into which the channels of a {types} fall, read and written: each filter reads the channels of its own group. Both numbers of channels must be multiples of it.',
  default: { value: 1 },
  examples: [2],
};

export const MULTIPLIER: LayerKey = {
  name: 'multiplier',
  schema: { type: 'integer', minimum: 1, maximum: 256 },
  description:
    'Filters of a {types} for each channel that it reads; channel c gives channels c·multiplier and on.',
  default: { value: 1 },
  examples: [2],
};

export const BATCH_NORM: LayerKey = {
  name: 'batchNorm',
  schema: { type: 'boolean' },
  description:
    'Train with batch normalisation. It is folded into the weights for the firmware and costs nothing there; without it accuracy suffers while weights are pruned. A layer of type batchNorm behind this one means the same.',
  default: { words: 'true for convolutions, false for dense' },
  examples: [true],
};

export const ACTIVATION: LayerKey = {
  name: 'activation',
  schema: { type: 'string', enum: ['none', 'relu', 'relu6'] },
  description: 'Clamp applied to the output, as part of the layer.',
  default: { value: 'none' },
  examples: ['relu'],
};

/** The order in which the reference lists them; others come behind. */
export const KEY_ORDER: readonly LayerKey[] = [
  FILTERS,
  UNITS,
  KERNEL,
  STRIDE,
  POOL,
  PADDING,
  DILATION,
  GROUPS,
  MULTIPLIER,
  BATCH_NORM,
  ACTIVATION,
];

/** A square by one number, or [vertical, horizontal]. */
export type ConfigPair = number | Pair;

/** Of a sequence [before, after] will do. */
export type ConfigPadding = Padding | readonly [before: number, after: number];

export interface WindowKeys {
  readonly stride?: ConfigPair;
  readonly padding?: ConfigPadding;
}

export interface KernelKeys {
  readonly kernel?: ConfigPair;
  readonly dilation?: ConfigPair;
}

export interface WeightedKeys {
  readonly batchNorm?: boolean;
  readonly activation?: Activation;
}

/** Says what is wrong with a layer, and points at one of its keys. */
export type Fail = (message: string, ...key: readonly (string | number)[]) => never;

/** The value of a key that a layer of this type needs. */
export function required<C extends ConfigBase, K extends keyof C & string>(
  config: C,
  key: K,
  fail: Fail,
): NonNullable<C[K]> {
  return config[key] ?? fail(`"${config.type}" needs "${key}"`);
}

export function pair(value: ConfigPair): Pair {
  return typeof value === 'number' ? [value, value] : value;
}
