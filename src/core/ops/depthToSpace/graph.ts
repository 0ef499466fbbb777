import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import { required } from '../layer-keys';
import { defined } from '../../util/defined';

/** Channels that become blocks of pixels, or blocks of pixels that become channels. */
export interface DepthToSpaceLayer extends LayerBase {
  readonly kind: 'depthToSpace';
  /** Pixels of a block's side. */
  readonly block: number;
  /** Blocks to channels. */
  readonly inverse?: true;
  /** Whether a block's channels lie together (PyTorch's pixel shuffle), not its pixels (TensorFlow). */
  readonly shuffle?: true;
}

export interface DepthToSpaceConfig extends ConfigBase {
  readonly type: 'depthToSpace' | 'spaceToDepth';
  readonly block?: number;
  readonly shuffle?: boolean;
}

const BLOCK: LayerKey = {
  name: 'block',
  schema: { type: 'integer', minimum: 2, maximum: 64 },
  description: 'Pixels along a side of what a {types} makes of channels, or the other way round.',
  examples: [2],
};

const SHUFFLE: LayerKey = {
  name: 'shuffle',
  schema: { type: 'boolean' },
  description:
    "Order of the channels of a {types}: false as in TensorFlow, true as in PyTorch's pixel shuffle.",
  default: { value: false },
  examples: [true],
};

export const depthToSpace: GraphOp<DepthToSpaceLayer, DepthToSpaceConfig> = {
  types: {
    depthToSpace: { defaultName: 'depth_to_space' },
    spaceToDepth: { defaultName: 'space_to_depth' },
  },
  keys: [BLOCK, SHUFFLE],
  example: { type: 'depthToSpace', block: 2 },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const block = required(config, 'block', fail);
    const [height, width, channels] = place.inputShape;
    const inverse = config.type === 'spaceToDepth';
    const fits = inverse
      ? height % block === 0 && width % block === 0
      : channels % block ** 2 === 0;
    if (!fits) {
      fail(
        inverse
          ? `height ${height} and width ${width} must be multiples of its block ${block}`
          : `its ${channels} channels must be a multiple of ${block ** 2}`,
        'block',
      );
    }
    return {
      ...place,
      kind: 'depthToSpace',
      outputShape: inverse
        ? [height / block, width / block, channels * block ** 2]
        : [height * block, width * block, channels / block ** 2],
      block,
      ...defined({
        inverse: inverse ? (true as const) : undefined,
        shuffle: config.shuffle === true ? (true as const) : undefined,
      }),
    };
  },
  channels: 'own',
  last: false,
};
