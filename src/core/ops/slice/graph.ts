import { defined } from '../../util/defined';
import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { KeySchema, LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import type { Shape } from '../shape';
import { withLength } from '../time';

/** A part of the input: every `step`-th row, column and channel from `begin` on. */
export interface SliceLayer extends LayerBase {
  readonly kind: 'slice';
  readonly begin: Shape;
  readonly extent: Shape;
  readonly step?: Shape;
}

export interface SliceConfig extends ConfigBase {
  readonly type: 'slice';
  readonly begin?: Shape;
  readonly extent?: Shape;
  readonly step?: Shape;
}

function triple(minimum: number): KeySchema {
  return {
    type: 'array',
    items: { type: 'integer', minimum, maximum: 65536 },
    minItems: 3,
    maxItems: 3,
    'x-expected': 'three whole numbers, for height, width and channels',
  };
}

const BEGIN: LayerKey = {
  name: 'begin',
  schema: triple(0),
  description: 'First row, column and channel that a {types} takes.',
  examples: [[0, 0, 0]],
};

const EXTENT: LayerKey = {
  name: 'extent',
  schema: triple(1),
  description: 'How many rows, columns and channels a {types} takes.',
  examples: [[8, 8, 16]],
};

const STEP: LayerKey = {
  name: 'step',
  schema: triple(1),
  description: 'From one row, column and channel that a {types} takes to the next.',
  default: { value: [1, 1, 1] },
  examples: [[2, 2, 1]],
};

export const slice: GraphOp<SliceLayer, SliceConfig> = {
  types: { slice: { defaultName: 'slice' } },
  keys: [BEGIN, EXTENT, STEP],
  example: { type: 'slice', begin: [0, 0, 0], extent: [2, 2, 2] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const begin = required(config, 'begin', fail);
    const extent = required(config, 'extent', fail);
    const { step } = config;
    place.inputShape.forEach((whole, axis) => {
      const last = begin[axis]! + (extent[axis]! - 1) * (step?.[axis] ?? 1);
      if (last >= whole)
        fail(`takes what lies beyond its input ${place.inputShape.join('×')}`, 'extent');
    });
    return { ...place, kind: 'slice', outputShape: extent, begin, extent, ...defined({ step }) };
  },
  channels: 'kept',
  flow: ({ extent, inputShape }) => (extent[2] === inputShape[2] ? 'kept' : 'own'),
  overTime: {
    // What is left of the past alone is cut off; the rest is what it was, at the same time.
    window: ({ begin, extent, step, inputShape }, axis) =>
      (step?.[axis] ?? 1) === 1 && begin[axis] + extent[axis] === inputShape[axis]
        ? { extent: 1, stride: 1, before: 0 }
        : undefined,
    over: (layer, axis, { inputs, outputs }) => ({
      ...layer,
      inputShape: withLength(layer.inputShape, axis, inputs),
      outputShape: withLength(layer.outputShape, axis, outputs),
      begin: withLength(layer.begin, axis, 0),
      extent: withLength(layer.extent, axis, outputs),
    }),
  },
  last: false,
};
