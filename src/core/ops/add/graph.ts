import type { GraphOp } from '../graph-op';
import type { ConfigBase, LayerBase } from '../layer';
import { ACTIVATION } from '../layer-keys';
import type { Activation } from '../shape';
import { clamped, formatShape, sameShape, homogeneous } from '../shape';

/** Element-wise sum of two tensors of the same shape. */
export interface AddLayer extends LayerBase {
  readonly kind: 'add';
  readonly activation: Activation;
}

export interface AddConfig extends ConfigBase {
  readonly type: 'add';
  readonly activation?: Activation;
}

export const add: GraphOp<AddLayer, AddConfig> = {
  types: { add: { defaultName: 'add' } },
  keys: [ACTIVATION],
  example: { type: 'add', inputs: ['conv1', 'conv2'] },
  inputs: 2,
  layer: (config, place, [first, second], fail) => {
    if (second === undefined || !sameShape(first!, second)) {
      fail(
        `adds "${place.inputs[0]!}" (${formatShape(first!)}) and "${place.inputs[1]!}" ` +
          `(${formatShape(second ?? [])}), whose shapes must be the same`,
        'inputs',
      );
    }
    return {
      ...place,
      kind: 'add',
      outputShape: place.inputShape,
      activation: config.activation ?? 'none',
    };
  },
  clamped,
  channels: 'summed',
  homogeneous,
  last: false,
};
