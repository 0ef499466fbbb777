import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import type { Pair } from '../shape';
import { elements } from '../shape';

/** No operation at run time, as a flatten, but to any height and width: a decoder begins with it. */
export interface ReshapeLayer extends LayerBase {
  readonly kind: 'reshape';
  /** Height and width of the output; its channels are the rest. */
  readonly size: Pair;
}

export interface ReshapeConfig extends ConfigBase {
  readonly type: 'reshape';
  readonly size?: Pair;
}

const SIZE: LayerKey = {
  name: 'size',
  schema: {
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: 65536 },
    minItems: 2,
    maxItems: 2,
    'x-expected': 'two whole numbers as [height, width]',
  },
  description:
    'Height and width of what a {types} puts out, whose values are those of its input in the same order; the channels are the rest of its size.',
  examples: [[4, 4]],
};

export const reshape: GraphOp<ReshapeLayer, ReshapeConfig> = {
  types: { reshape: { defaultName: 'reshape' } },
  keys: [SIZE],
  example: { type: 'reshape', size: [1, 1] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const size = required(config, 'size', fail);
    const count = elements(place.inputShape);
    if (count % elements(size) !== 0) {
      fail(
        `makes ${size.join('×')} pixels of ${count} values, which cannot be shared among them`,
        'size',
      );
    }
    return {
      ...place,
      kind: 'reshape',
      size,
      outputShape: [...size, count / elements(size)],
    };
  },
  channels: 'bound',
  last: false,
};
