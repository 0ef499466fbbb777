/** Reference int8 RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR. */
import type { ExecuteOp } from '../execute-op';
import { elements } from '../shape';
import type { ResizeLayer } from './graph';
import { bilinearPlaces, nearestPlaces } from './places';

export const resize: ExecuteOp<ResizeLayer> = {
  quantization: 'input',
  run: (layer, _, [input]) =>
    layer.method === 'nearest' ? nearest(layer, input!) : bilinear(layer, input!),
};

function nearest({ inputShape, outputShape, to, align }: ResizeLayer, input: Int8Array): Int8Array {
  const [height, width, channels] = inputShape;
  const rows = nearestPlaces(height, to[0], align);
  const columns = nearestPlaces(width, to[1], align);
  const output = new Int8Array(elements(outputShape));
  let at = 0;
  for (const y of rows) {
    for (const x of columns) {
      const from = (y * width + x) * channels;
      output.set(input.subarray(from, from + channels), at);
      at += channels;
    }
  }
  return output;
}

/** Shares of 10 bits each way: their products of 20 bits are rounded half away from zero. */
function bilinear(
  { inputShape, outputShape, to, align }: ResizeLayer,
  input: Int8Array,
): Int8Array {
  const [height, width, channels] = inputShape;
  const rows = bilinearPlaces(height, to[0], align);
  const columns = bilinearPlaces(width, to[1], align);
  const output = new Int8Array(elements(outputShape));
  let at = 0;
  for (const y of rows) {
    for (const x of columns) {
      for (let c = 0; c < channels; c++) {
        const value = (row: number, column: number): number =>
          input[(row * width + column) * channels + c]!;
        const sum =
          value(y.lower, x.lower) * (1024 - y.share) * (1024 - x.share) +
          value(y.lower, x.upper) * (1024 - y.share) * x.share +
          value(y.upper, x.lower) * y.share * (1024 - x.share) +
          value(y.upper, x.upper) * y.share * x.share;
        output[at++] = Math.trunc((sum + (sum >= 0 ? 524288 : -524288)) / 1048576);
      }
    }
  }
  return output;
}
