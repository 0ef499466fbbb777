import {
  CONSTANT,
  ofPlaces,
  operandConstants,
  type ConstantKind,
  type Operands,
} from '../elementwise/graph';
import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';

/** x where it is positive, a slope times x where it is not: one slope for each channel, for each element, or for all. */
export interface PreluLayer extends LayerBase, Operands {
  readonly kind: 'prelu';
  readonly constant: ConstantKind;
}

export interface PreluConfig extends ConfigBase {
  readonly type: 'prelu';
  readonly constant?: ConstantKind;
}

export const prelu: GraphOp<PreluLayer, PreluConfig> = {
  types: { prelu: { defaultName: 'prelu', fromFile: true } },
  keys: [CONSTANT],
  example: { type: 'prelu', constant: 'channel' },
  inputs: 1,
  layer: (config, place) => ({
    ...place,
    kind: 'prelu',
    outputShape: place.inputShape,
    constant: config.constant ?? 'channel',
  }),
  constants: operandConstants,
  channels: 'bound',
  overTime: ofPlaces(),
  last: false,
};
