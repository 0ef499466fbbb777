import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import type { Shape } from '../shape';
import { formatShape } from '../shape';
import { placewise } from '../time';

export type Axis = 'height' | 'width' | 'channels';
export const AXES: readonly Axis[] = ['height', 'width', 'channels'];

/** Several tensors as one, side by side along an axis. */
export interface ConcatLayer extends LayerBase {
  readonly kind: 'concat';
  readonly along: Axis;
  /** Of each input: its size along the axis. */
  readonly sizes: readonly number[];
}

export interface ConcatConfig extends ConfigBase {
  readonly type: 'concat';
  readonly along?: Axis;
}

const ALONG: LayerKey = {
  name: 'along',
  schema: { type: 'string', enum: AXES },
  description: 'Along which a {types} puts its inputs side by side.',
  default: { value: 'channels' },
  examples: ['channels', 'width'],
};

export const concat: GraphOp<ConcatLayer, ConcatConfig> = {
  types: { concat: { defaultName: 'concat' } },
  keys: [ALONG],
  example: { type: 'concat', inputs: ['conv1', 'conv2'] },
  inputs: Infinity,
  leastInputs: () => 2,
  layer: ({ along = 'channels' }, place, shapes, fail) => {
    const axis = AXES.indexOf(along);
    const sizes = shapes.map((shape) => shape[axis]!);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const [height, width, channels] = shapes[0]!;
    const outputShape: Shape = [
      axis === 0 ? total : height,
      axis === 1 ? total : width,
      axis === 2 ? total : channels,
    ];
    shapes.forEach((shape, i) => {
      if (shape.every((size, at) => at === axis || size === outputShape[at])) return;
      fail(
        `puts "${place.inputs[0]!}" (${formatShape(shapes[0]!)}) and "${place.inputs[i]!}" ` +
          `(${formatShape(shape)}) side by side along the ${along}, and they differ in what else they have`,
        'inputs',
      );
    });
    return { ...place, kind: 'concat', outputShape, along, sizes };
  },
  channels: 'own',
  overTime: placewise(({ along }) => along === 'channels'),
  last: false,
};
