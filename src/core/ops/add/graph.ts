import {
  CONSTANT,
  commutativeOperands,
  isPlain,
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
import { clamped, homogeneous } from '../shape';
import { defined } from '../../util/defined';

/** Element-wise sum of two tensors, or of one and a constant. */
export interface AddLayer extends LayerBase, Operands {
  readonly kind: 'add';
  readonly activation: Activation;
}

export interface AddConfig extends ConfigBase, Omit<OperandsConfig, 'reversed'> {
  readonly type: 'add';
  readonly activation?: Activation;
}

export const add: GraphOp<AddLayer, AddConfig> = {
  types: { add: { defaultName: 'add' } },
  keys: [ACTIVATION, CONSTANT],
  example: { type: 'add', inputs: ['conv1', 'conv2'] },
  inputs: 2,
  leastInputs,
  layer: (config, place, shapes, fail) => {
    if (place.inputs[0] === place.inputs[1]) fail(`adds "${place.inputs[0]!}" to itself`, 'inputs');
    const { outputShape, constant, otherShape, ...its } = commutativeOperands(
      config,
      place,
      shapes,
      'adds',
      fail,
    );
    // Models that are older than constants have the keys in this order.
    return {
      ...its,
      kind: 'add',
      outputShape,
      activation: config.activation ?? 'none',
      ...defined({ constant, otherShape }),
    };
  },
  constants: operandConstants,
  clamped,
  channels: 'summed',
  flow: operandFlow,
  homogeneous: (layer) => isPlain(layer) && homogeneous(layer),
  overTime: ofPlaces(),
  last: false,
};
