import { defined } from '../../util/defined';
import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { required } from '../layer-keys';

/** One value around the input, for what no window behind it can do itself. */
export interface PadLayer extends LayerBase {
  readonly kind: 'pad';
  /** Rows and columns at the top, at the bottom, to the left and to the right, then channels in front and behind. */
  readonly pads: readonly number[];
  /** What is put there; absent: 0. */
  readonly value?: number;
}

export interface PadConfig extends ConfigBase {
  readonly type: 'pad';
  readonly pads?: readonly number[];
  readonly value?: number;
}

const PADS: LayerKey = {
  name: 'pads',
  schema: {
    type: 'array',
    items: { type: 'integer', minimum: 0, maximum: 1024 },
    minItems: 4,
    maxItems: 6,
    'x-expected': '[top, bottom, left, right], or these and the channels [in front, behind]',
  },
  description:
    'How much a {types} puts around its input: [top, bottom, left, right], and after these channels.',
  examples: [[1, 1, 1, 1]],
};

const VALUE: LayerKey = {
  name: 'value',
  schema: { type: 'number', minimum: -1e6, maximum: 1e6 },
  description: 'What a {types} puts there.',
  default: { value: 0 },
  examples: [-1],
};

export const pad: GraphOp<PadLayer, PadConfig> = {
  types: { pad: { defaultName: 'pad' } },
  keys: [PADS, VALUE],
  example: { type: 'pad', pads: [1, 1, 1, 1] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const pads = required(config, 'pads', fail);
    if (pads.length === 5) fail('"pads" are four numbers or six', 'pads');
    const [top = 0, bottom = 0, left = 0, right = 0, front = 0, behind = 0] = pads;
    const [height, width, channels] = place.inputShape;
    return {
      ...place,
      kind: 'pad',
      outputShape: [height + top + bottom, width + left + right, channels + front + behind],
      pads,
      ...defined({ value: config.value }),
    };
  },
  channels: 'kept',
  flow: ({ pads }) => ((pads[4] ?? 0) + (pads[5] ?? 0) > 0 ? 'own' : 'kept'),
  last: false,
};
