/** Lays a layer's input out so that sums of products under a window become sums of shifted planes (simd-kernel.ts). */
import { weightOrder } from '../graph/graph';
import type { WindowSums } from '../ops/execute-op';
import type { WeightedLayer } from '../ops/graph-ops';
import type { Pair, Shape } from '../ops/shape';
import { paddingBefore } from '../ops/window';
import { BLOCK, POSITION_BYTES, TAP_BYTES } from './simd-kernel';

/**
 * A layer as sums over shifted planes. The padded input is split by stride phase, so that for every tap the
 * positions of one output plane lie one after the other; a row of a phase plane may be wider than the output's, then
 * the sums in between are computed and never read.
 */
export interface ShiftedPlanes {
  readonly inputShape: Shape;
  readonly stride: Pair;
  readonly top: number;
  readonly left: number;
  /** Of the padded input that any tap reaches; further rows and columns are not read. */
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  readonly phaseHeight: number;
  readonly phaseWidth: number;
  /** Bytes of all planes of the input: channel pairs × phases × positions, and what the last block reads beyond. */
  readonly planeBytes: number;
  /** Blocks of positions that cover one output plane. */
  readonly blocks: number;
  /** Non-zero taps of all output channels, TAP_BYTES each. */
  readonly taps: Int32Array;
  /** Where each channel's taps begin in `taps`, in bytes, and after the last one where they end. */
  readonly tapStarts: Int32Array;
}

export function shiftedPlanes(
  layer: WeightedLayer,
  weights: Int8Array,
  { inputShape, window, groups }: WindowSums,
): ShiftedPlanes {
  const { stride, dilation = [1, 1] } = window;
  const [kernelHeight, kernelWidth] = window.kernel;
  const { top, left } = paddingBefore(inputShape, window);
  const [outHeight, outWidth, channels] = layer.outputShape;
  const depth = inputShape[2];
  const pairs = Math.ceil(depth / 2);

  const paddedHeight = (outHeight - 1) * stride[0] + (kernelHeight - 1) * dilation[0] + 1;
  const paddedWidth = (outWidth - 1) * stride[1] + (kernelWidth - 1) * dilation[1] + 1;
  const phaseHeight = Math.ceil(paddedHeight / stride[0]);
  const phaseWidth = Math.ceil(paddedWidth / stride[1]);
  const plane = phaseHeight * phaseWidth * stride[0] * stride[1];

  const { channelStep, weightStep } = weightOrder(layer);
  const groupDepth = depth / groups;
  /** First of the input's channels that output channel o adds up. */
  const firstOf = (o: number): number => Math.floor((o * groups) / channels) * groupDepth;
  const weightAt = (o: number, tap: number, i: number): number => {
    const inGroup = i - firstOf(o);
    if (inGroup < 0 || inGroup >= groupDepth) return 0;
    const k = tap * groupDepth + inGroup;
    return weights[o * channelStep + k * weightStep]!;
  };
  const tapStarts = new Int32Array(channels + 1);
  const taps: number[] = [];
  for (let o = 0; o < channels; o++) {
    const first = firstOf(o) >> 1;
    const last = (firstOf(o) + groupDepth - 1) >> 1;
    for (let pair = first; pair <= last; pair++) {
      for (let ky = 0; ky < kernelHeight; ky++) {
        for (let kx = 0; kx < kernelWidth; kx++) {
          const even = weightAt(o, ky * kernelWidth + kx, 2 * pair);
          const odd = weightAt(o, ky * kernelWidth + kx, 2 * pair + 1);
          if (even === 0 && odd === 0) continue;
          const [y, x] = [ky * dilation[0], kx * dilation[1]];
          const phase = (y % stride[0]) * stride[1] + (x % stride[1]);
          const position =
            phase * phaseHeight * phaseWidth +
            Math.floor(y / stride[0]) * phaseWidth +
            Math.floor(x / stride[1]);
          taps.push((pair * plane + position) * POSITION_BYTES, (even & 0xffff) | (odd << 16));
        }
      }
    }
    tapStarts[o + 1] = (taps.length / 2) * TAP_BYTES;
  }
  return {
    inputShape,
    stride,
    top,
    left,
    paddedHeight,
    paddedWidth,
    phaseHeight,
    phaseWidth,
    planeBytes: (pairs * plane + BLOCK) * POSITION_BYTES,
    blocks: Math.ceil(((outHeight - 1) * phaseWidth + outWidth) / BLOCK),
    taps: Int32Array.from(taps),
    tapStarts,
  };
}

/** Copies input [H, W, C] − zero point into pair-interleaved phase planes; padding and a missing odd channel are 0. */
export function spread(
  plan: ShiftedPlanes,
  input: Int8Array,
  zeroPoint: number,
  planes: Int16Array,
): void {
  const [height, width, depth] = plan.inputShape;
  const [strideY, strideX] = plan.stride;
  const phase = plan.phaseHeight * plan.phaseWidth;
  const pair = 2 * phase * strideY * strideX;
  const rows = Math.min(height, plan.paddedHeight - plan.top);
  const columns = Math.min(width, plan.paddedWidth - plan.left);
  planes.fill(0);
  for (let y = 0; y < rows; y++) {
    const paddedY = y + plan.top;
    const phaseY = paddedY % strideY;
    const row = phaseY * strideX * phase + ((paddedY - phaseY) / strideY) * plan.phaseWidth;
    for (let x = 0; x < columns; x++) {
      const paddedX = x + plan.left;
      const phaseX = paddedX % strideX;
      const position = 2 * (row + phaseX * phase + (paddedX - phaseX) / strideX);
      const from = (y * width + x) * depth;
      for (let c = 0; c < depth; c++) {
        planes[(c >> 1) * pair + position + (c & 1)] = input[from + c]! - zeroPoint;
      }
    }
  }
}
