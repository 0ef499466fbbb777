import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { ConfigPair, LayerKey } from '../layer-keys';
import { pair, required } from '../layer-keys';
import type { Pair } from '../shape';

/** How places of the output and the input correspond: by their corners, by pixels' centres, or by the outer pixels. */
export type Corresponding = 'corners' | 'centers' | 'ends';

/** The picture in another size. */
export interface ResizeLayer extends LayerBase {
  readonly kind: 'resize';
  readonly method: 'nearest' | 'bilinear';
  readonly to: Pair;
  readonly align: Corresponding;
}

export interface ResizeConfig extends ConfigBase {
  readonly type: 'resize';
  readonly method?: 'nearest' | 'bilinear';
  readonly to?: ConfigPair;
  readonly align?: Corresponding;
}

const SIZE = { type: 'integer', minimum: 1, maximum: 4096 } as const;

const TO: LayerKey = {
  name: 'to',
  schema: {
    ...SIZE,
    type: ['integer', 'array'],
    items: SIZE,
    minItems: 2,
    maxItems: 2,
    'x-expected': 'a whole number from 1 to 4096, or two of them as [vertical, horizontal]',
  },
  description:
    'Height and width that a {types} gives: one number for both, or [vertical, horizontal].',
  examples: [32, [24, 32]],
};

const METHOD: LayerKey = {
  name: 'method',
  schema: { type: 'string', enum: ['nearest', 'bilinear'] },
  description: 'Whether a {types} takes the nearest value or what lies between four of them.',
  default: { value: 'nearest' },
  examples: ['bilinear'],
};

const ALIGN: LayerKey = {
  name: 'align',
  schema: { type: 'string', enum: ['corners', 'centers', 'ends'] },
  description:
    "How a {types} lays the output over the input: corners (TensorFlow 1), centers (half-pixel centres: TensorFlow 2, PyTorch), ends (align_corners: the outer pixels' centres).",
  default: { value: 'centers' },
  examples: ['ends'],
};

export const resize: GraphOp<ResizeLayer, ResizeConfig> = {
  types: { resize: { defaultName: 'resize' } },
  keys: [TO, METHOD, ALIGN],
  example: { type: 'resize', to: 16 },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const to = pair(required(config, 'to', fail));
    return {
      ...place,
      kind: 'resize',
      outputShape: [to[0], to[1], place.inputShape[2]],
      to,
      method: config.method ?? 'nearest',
      align: config.align ?? 'centers',
    };
  },
  channels: 'kept',
  last: false,
};
