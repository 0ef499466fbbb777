import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { placewise } from '../time';

/** The same numbers on another scale, TFLite's QUANTIZE between int8 tensors: only int8 files ask for it. */
export interface RequantizeLayer extends LayerBase {
  readonly kind: 'requantize';
}

export interface RequantizeConfig extends ConfigBase {
  readonly type: 'requantize';
}

export const requantize: GraphOp<RequantizeLayer, RequantizeConfig> = {
  types: { requantize: { defaultName: 'requantize' } },
  keys: [],
  example: { type: 'requantize' },
  inputs: 1,
  layer: (_, place) => ({ ...place, kind: 'requantize', outputShape: place.inputShape }),
  channels: 'kept',
  overTime: placewise(),
  last: false,
};
