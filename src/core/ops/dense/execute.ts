/** Reference int8 FULLY_CONNECTED with per-channel weight scales. */
import { tensorOf, weightsOf } from '../../quant/model';
import { requantizer } from '../../quant/requantize';
import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import type { DenseLayer } from './graph';

export const dense: ExecuteOp<DenseLayer> = {
  quantization: 'own',
  /** input [inputs] (any shape, read as it lies), weights [units, inputs] → output [units], all int8. */
  run: (layer, model, inputs) => {
    const input = inputs[0]!;
    const { weights, bias } = weightsOf(model, layer.name);
    const { zeroPoint } = tensorOf(model, layer.inputs[0]);
    const requantize = requantizer(layer, model);
    const output = new Int8Array(layer.units);
    for (let o = 0; o < layer.units; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < input.length; i++) {
        sum += (input[i]! - zeroPoint) * weights[o * input.length + i]!;
      }
      output[o] = requantize(sum, o);
    }
    return output;
  },
  /** A window over one pixel that has all inputs as its channels. */
  sums: ({ inputShape }) => ({
    inputShape: [1, 1, elements(inputShape)],
    window: { kernel: [1, 1], stride: [1, 1], padding: 'valid' },
    channels: 'all',
  }),
};
