import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { defined } from '../../util/defined';
import { placewise } from '../time';

/**
 * The input with a scale of its own, clamped to any range: ReLUs whose output has another scale than their input, and what
 * changes scales only. Ranges that begin at 0 and belong to a layer before it cost nothing as `relu` or `relu6`.
 */
export interface ClipLayer extends LayerBase {
  readonly kind: 'clip';
  readonly min?: number;
  readonly max?: number;
}

export interface ClipConfig extends ConfigBase {
  readonly type: 'clip';
  readonly min?: number;
  readonly max?: number;
}

const BOUND = { type: 'number', minimum: -1e6, maximum: 1e6 } as const;

const MIN: LayerKey = {
  name: 'min',
  schema: BOUND,
  description: 'What a {types} raises smaller values to.',
  default: { words: 'no bound' },
  examples: [-1],
};

const MAX: LayerKey = {
  name: 'max',
  schema: BOUND,
  description: 'What a {types} lowers larger values to.',
  default: { words: 'no bound' },
  examples: [1],
};

export const clip: GraphOp<ClipLayer, ClipConfig> = {
  types: { clip: { defaultName: 'clip' } },
  keys: [MIN, MAX],
  example: { type: 'clip', min: -1, max: 1 },
  inputs: 1,
  layer: ({ min, max }, place, _, fail) => {
    if ((min ?? -Infinity) >= (max ?? Infinity)) {
      fail(`its "min" ${min} must be below its "max" ${max}`, 'max');
    }
    return { ...place, kind: 'clip', outputShape: place.inputShape, ...defined({ min, max }) };
  },
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
