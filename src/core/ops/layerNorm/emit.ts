import { braces } from '../../firmware/c-text';
import { tensorOf } from '../../quant/model';
import type { EmitOp } from '../emit-op';
import { epsilonCode } from './execute';
import type { LayerNormLayer } from './graph';

export const layerNorm: EmitOp<LayerNormLayer> = {
  kernel: 'east_layer_norm',
  header: 'east_layer_norm',
  params: {
    struct: 'east_layer_norm_params',
    values: (layer, { model }) => {
      const [height, width, channels] = layer.inputShape;
      const epsilon = epsilonCode(layer, tensorOf(model, layer.inputs[0]));
      return braces(`${epsilon}ULL`, height * width, channels);
    },
  },
  /** The channels of a place are read before they are written. */
  output: 'over',
  dimensions: () => [],
};
