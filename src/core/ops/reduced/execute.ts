/** Walks through the values that make one, for each value of the output. */
import type { LayerBase } from '../layer';
import { elements } from '../shape';
import { reducedSizes, type Reduced } from './graph';

export function reduce(
  layer: LayerBase & Reduced,
  input: Int8Array,
  first: number,
  add: (sum: number, code: number) => number,
  end: (sum: number) => number,
): Int8Array {
  const [, width, channels] = layer.inputShape;
  const [outHeight, outWidth, outChannels] = layer.outputShape;
  const [rows, columns, depth] = reducedSizes(layer);
  const output = new Int8Array(elements(layer.outputShape));
  let to = 0;
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      for (let c = 0; c < outChannels; c++) {
        let sum = first;
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const pixel = ((y + i) * width + x + j) * channels + c;
            for (let k = 0; k < depth; k++) sum = add(sum, input[pixel + k]!);
          }
        }
        output[to++] = end(sum);
      }
    }
  }
  return output;
}
