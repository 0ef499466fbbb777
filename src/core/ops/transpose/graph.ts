import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import type { Shape } from '../shape';

/** The axes in another order. Readers drop those that only turn a format's layout into this one. */
export interface TransposeLayer extends LayerBase {
  readonly kind: 'transpose';
  /** Of height, width and channels (0, 1, 2), which comes first, second and third in the output. */
  readonly order: Shape;
}

export interface TransposeConfig extends ConfigBase {
  readonly type: 'transpose';
  readonly order?: Shape;
}

const ORDER: LayerKey = {
  name: 'order',
  schema: {
    type: 'array',
    items: { type: 'integer', enum: [0, 1, 2] },
    minItems: 3,
    maxItems: 3,
    'x-expected': 'the numbers 0, 1 and 2 in some order',
  },
  description:
    "Which of its input's axes (0 height, 1 width, 2 channels) a {types} puts first, second and third.",
  examples: [[1, 0, 2]],
};

export const transpose: GraphOp<TransposeLayer, TransposeConfig> = {
  types: { transpose: { defaultName: 'transpose' } },
  keys: [ORDER],
  example: { type: 'transpose', order: [1, 0, 2] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const order = required(config, 'order', fail);
    if (new Set(order).size !== 3) fail('its "order" must have each of 0, 1 and 2 once', 'order');
    const [a, b, c] = order;
    const size = (axis: number): number => place.inputShape[axis]!;
    return { ...place, kind: 'transpose', outputShape: [size(a), size(b), size(c)], order };
  },
  channels: 'own',
  last: false,
};
