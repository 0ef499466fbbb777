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
import { ACTIVATION } from '../layer-keys';
import type { Activation } from '../shape';
import { clamped } from '../shape';

/** Element-wise product of two tensors, or of one and a constant. */
export interface MulLayer extends LayerBase, Operands {
  readonly kind: 'mul';
  readonly activation: Activation;
}

export interface MulConfig extends ConfigBase, Omit<OperandsConfig, 'reversed'> {
  readonly type: 'mul';
  readonly activation?: Activation;
}

export const mul: GraphOp<MulLayer, MulConfig> = {
  types: { mul: { defaultName: 'mul' } },
  keys: [ACTIVATION, CONSTANT],
  example: { type: 'mul', inputs: ['conv1', 'conv2'] },
  inputs: 2,
  leastInputs,
  layer: (config, place, shapes, fail) => {
    const its = commutativeOperands(config, place, shapes, 'multiplies', fail);
    return { ...its, kind: 'mul', activation: config.activation ?? 'none' };
  },
  constants: operandConstants,
  clamped,
  channels: 'summed',
  flow: operandFlow,
  overTime: ofPlaces(),
  last: false,
};
