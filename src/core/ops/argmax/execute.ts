/** Reference ARG_MAX over the channels: of equal ones the first. */
import type { TensorQuantization } from '../../quant/model';
import type { ExecuteOp } from '../execute-op';
import type { ArgmaxLayer } from './graph';

/** A code is the index itself where all of them are codes. */
export function indexQuantization({
  inputShape,
}: Pick<ArgmaxLayer, 'inputShape'>): TensorQuantization {
  return { scale: 1, zeroPoint: inputShape[2] <= 128 ? 0 : -128 };
}

export const argmax: ExecuteOp<ArgmaxLayer> = {
  quantization: 'fixed',
  fixed: indexQuantization,
  run: (layer, _, [input]) => {
    const depth = layer.inputShape[2];
    const { zeroPoint } = indexQuantization(layer);
    return Int8Array.from({ length: input!.length / depth }, (__, place) => {
      const first = place * depth;
      let best = 0;
      for (let c = 1; c < depth; c++) {
        if (input![first + c]! > input![first + best]!) best = c;
      }
      return best + zeroPoint;
    });
  },
};
