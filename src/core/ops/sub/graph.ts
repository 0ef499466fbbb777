import {
  CONSTANT,
  leastInputs,
  ofPlaces,
  operandConstants,
  operandFlow,
  operands,
  REVERSED,
  type Operands,
  type OperandsConfig,
} from '../elementwise/graph';
import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { ACTIVATION } from '../layer-keys';
import type { Activation } from '../shape';
import { clamped } from '../shape';

/** Element-wise difference of two tensors, or of one and a constant. */
export interface SubLayer extends LayerBase, Operands {
  readonly kind: 'sub';
  readonly activation: Activation;
}

export interface SubConfig extends ConfigBase, OperandsConfig {
  readonly type: 'sub';
  readonly activation?: Activation;
}

export const sub: GraphOp<SubLayer, SubConfig> = {
  types: { sub: { defaultName: 'sub' } },
  keys: [ACTIVATION, CONSTANT, REVERSED],
  example: { type: 'sub', inputs: ['conv1', 'conv2'] },
  inputs: 2,
  leastInputs,
  layer: (config, place, shapes, fail) => {
    const its = operands(config, place, shapes, 'subtracts', fail);
    return { ...its, kind: 'sub', activation: config.activation ?? 'none' };
  },
  constants: operandConstants,
  clamped,
  channels: 'summed',
  flow: operandFlow,
  overTime: ofPlaces(),
  last: false,
};
