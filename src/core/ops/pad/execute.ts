/** Reference int8 PAD and PADV2. */
import { clamp, roundHalfAwayFromZero } from '../../quant/fixed-point';
import type { QuantizedModel } from '../../quant/model';
import { tensorOf } from '../../quant/model';
import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import type { PadLayer } from './graph';

/** The code of what is put around the input. */
export function padCode({ name, value = 0 }: PadLayer, model: QuantizedModel): number {
  const { scale, zeroPoint } = tensorOf(model, name);
  return clamp(zeroPoint + roundHalfAwayFromZero(value / scale), -128, 127);
}

export const pad: ExecuteOp<PadLayer> = {
  quantization: 'input',
  run: (layer, model, [input]) => {
    const [top = 0, , left = 0, , front = 0] = layer.pads;
    const [height, width, channels] = layer.inputShape;
    const [, outWidth, outChannels] = layer.outputShape;
    const output = new Int8Array(elements(layer.outputShape)).fill(padCode(layer, model));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * width + x) * channels;
        const to = ((y + top) * outWidth + x + left) * outChannels + front;
        output.set(input!.subarray(from, from + channels), to);
      }
    }
    return output;
  },
};
