import {
  CONSTANT,
  commutativeOperands,
  leastInputs,
  ofPlaces,
  operandConstants,
  operandFlow,
  type Operands,
  type OperandsConfig,
} from '../elementwise/graph';
import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';

/** Of two elements the larger or the smaller one. */
export interface ExtremeLayer extends LayerBase, Operands {
  readonly kind: 'extreme';
  readonly which: 'maximum' | 'minimum';
}

export interface ExtremeConfig extends ConfigBase, Omit<OperandsConfig, 'reversed'> {
  readonly type: 'maximum' | 'minimum';
}

export const extreme: GraphOp<ExtremeLayer, ExtremeConfig> = {
  types: { maximum: { defaultName: 'maximum' }, minimum: { defaultName: 'minimum' } },
  keys: [CONSTANT],
  example: { type: 'maximum', inputs: ['conv1', 'conv2'] },
  inputs: 2,
  leastInputs,
  layer: (config, place, shapes, fail) => {
    const its = commutativeOperands(config, place, shapes, 'compares', fail);
    return { ...its, kind: 'extreme', which: config.type };
  },
  constants: operandConstants,
  channels: 'summed',
  flow: operandFlow,
  overTime: ofPlaces(),
  last: false,
};
