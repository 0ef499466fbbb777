import type { GraphOp } from '../graph-op';
import type { Axis } from '../concat/graph';
import type { ConfigBase, LayerBase } from '../layer';
import { required } from '../layer-keys';
import { REDUCED, reducedFlow, reducedShape, type Reduced } from '../reduced/graph';

/** Mean along some axes, with a scale of its own. */
export interface ReduceMeanLayer extends LayerBase, Reduced {
  readonly kind: 'reduceMean';
}

export interface ReduceMeanConfig extends ConfigBase {
  readonly type: 'reduceMean';
  readonly axes?: readonly Axis[];
}

export const reduceMean: GraphOp<ReduceMeanLayer, ReduceMeanConfig> = {
  types: { reduceMean: { defaultName: 'reduce_mean' } },
  keys: [REDUCED],
  example: { type: 'reduceMean', axes: ['height', 'width'] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const axes = required(config, 'axes', fail);
    return { ...place, kind: 'reduceMean', outputShape: reducedShape(place, axes), axes };
  },
  channels: 'kept',
  flow: reducedFlow,
  last: false,
};
