/** What layers share that make one value of many along some axes, which stay with size 1. */
import type { Axis } from '../concat/graph';
import { AXES } from '../concat/graph';
import type { LayerBase } from '../layer';
import type { LayerKey } from '../layer-keys';
import type { Shape } from '../shape';

export interface Reduced {
  readonly axes: readonly Axis[];
}

export const REDUCED: LayerKey = {
  name: 'axes',
  schema: {
    type: 'array',
    items: { type: 'string', enum: AXES },
    minItems: 1,
    maxItems: 3,
    'x-expected': 'a list of height, width and channels',
  },
  description: 'Along which a {types} makes one value of many.',
  examples: [['height', 'width'], ['channels']],
};

export function reducedShape(
  { inputShape }: Pick<LayerBase, 'inputShape'>,
  axes: readonly Axis[],
): Shape {
  const [height, width, channels] = inputShape;
  const has = (axis: Axis, size: number): number => (axes.includes(axis) ? 1 : size);
  return [has('height', height), has('width', width), has('channels', channels)];
}

/** Where channels are reduced, all of them make the one that is left. */
export function reducedFlow({ axes }: Reduced): 'own' | 'kept' {
  return axes.includes('channels') ? 'own' : 'kept';
}

/** How many values make one, by axis. */
export function reducedSizes({ inputShape, axes }: LayerBase & Reduced): Shape {
  const [height, width, channels] = inputShape;
  const has = (axis: Axis, size: number): number => (axes.includes(axis) ? size : 1);
  return [has('height', height), has('width', width), has('channels', channels)];
}
