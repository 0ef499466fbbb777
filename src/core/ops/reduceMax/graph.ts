import type { GraphOp } from '../graph-op';
import type { Axis } from '../concat/graph';
import type { ConfigBase, LayerBase } from '../layer';
import { required } from '../layer-keys';
import { REDUCED, reducedFlow, reducedShape, type Reduced } from '../reduced/graph';

/** Largest value along some axes. */
export interface ReduceMaxLayer extends LayerBase, Reduced {
  readonly kind: 'reduceMax';
}

export interface ReduceMaxConfig extends ConfigBase {
  readonly type: 'reduceMax';
  readonly axes?: readonly Axis[];
}

export const reduceMax: GraphOp<ReduceMaxLayer, ReduceMaxConfig> = {
  types: { reduceMax: { defaultName: 'reduce_max' } },
  keys: [REDUCED],
  example: { type: 'reduceMax', axes: ['height', 'width'] },
  inputs: 1,
  layer: (config, place, _, fail) => {
    const axes = required(config, 'axes', fail);
    return { ...place, kind: 'reduceMax', outputShape: reducedShape(place, axes), axes };
  },
  channels: 'kept',
  flow: reducedFlow,
  last: false,
};
