import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { elements } from '../shape';

/** No operation at run time: the bytes stay where they are. Output shape [1, 1, H·W·C]. */
export interface FlattenLayer extends LayerBase {
  readonly kind: 'flatten';
}

export interface FlattenConfig extends ConfigBase {
  readonly type: 'flatten';
}

export const flatten: GraphOp<FlattenLayer, FlattenConfig> = {
  types: { flatten: { defaultName: 'flatten' } },
  keys: [],
  example: { type: 'flatten' },
  inputs: 1,
  layer: (_, place) => ({
    ...place,
    kind: 'flatten',
    outputShape: [1, 1, elements(place.inputShape)],
  }),
  channels: 'kept',
  homogeneous: () => true,
  last: false,
};
