import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { placewise } from '../time';

/** 1 ÷ (1 + e^−x). Its int8 outputs always have scale 1/256 and zero point −128. */
export interface SigmoidLayer extends LayerBase {
  readonly kind: 'sigmoid';
}

export interface SigmoidConfig extends ConfigBase {
  readonly type: 'sigmoid';
}

export const sigmoid: GraphOp<SigmoidLayer, SigmoidConfig> = {
  types: { sigmoid: { defaultName: 'sigmoid' } },
  keys: [],
  example: { type: 'sigmoid' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'sigmoid', outputShape: place.inputShape }),
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
