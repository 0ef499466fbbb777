/** Reference int8 pools. Input and output share one quantisation, so codes are compared and averaged as they are. */
import type { LayerBase } from '../layer';
import type { Window } from '../window';
import { paddingBefore } from '../window';

/** What becomes of the codes under a window: `start`, then `add` for each, then `end` with the number of them. */
interface Pooling {
  readonly start: number;
  readonly add: (so: number, code: number) => number;
  readonly end: (all: number, cells: number) => number;
}

export const LARGEST: Pooling = {
  start: -128,
  add: (largest, code) => (code > largest ? code : largest),
  end: (largest) => largest,
};

/** Halves are rounded away from code 0, that is, not from real 0. */
export const AVERAGE: Pooling = {
  start: 0,
  add: (sum, code) => sum + code,
  end: (sum, cells) => Math.trunc((sum > 0 ? sum + (cells >> 1) : sum - (cells >> 1)) / cells),
};

/** Cells outside the image do not count. input [H, W, C] → [H′, W′, C] */
export function pool(
  { inputShape, outputShape }: LayerBase,
  window: Window,
  { start, add, end }: Pooling,
  input: Int8Array,
): Int8Array {
  const [height, width, depth] = inputShape;
  const [outHeight, outWidth] = outputShape;
  const { kernel, stride } = window;
  const { top, left } = paddingBefore(inputShape, window);
  const output = new Int8Array(outHeight * outWidth * depth);
  for (let oy = 0; oy < outHeight; oy++) {
    const fromY = Math.max(0, oy * stride[0] - top);
    const toY = Math.min(height, oy * stride[0] - top + kernel[0]);
    for (let ox = 0; ox < outWidth; ox++) {
      const fromX = Math.max(0, ox * stride[1] - left);
      const toX = Math.min(width, ox * stride[1] - left + kernel[1]);
      const cells = (toY - fromY) * (toX - fromX);
      for (let c = 0; c < depth; c++) {
        let all = start;
        for (let y = fromY; y < toY; y++) {
          for (let x = fromX; x < toX; x++) all = add(all, input[(y * width + x) * depth + c]!);
        }
        output[(oy * outWidth + ox) * depth + c] = end(all, cells);
      }
    }
  }
  return output;
}
