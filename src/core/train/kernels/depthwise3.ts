/**
 * Depthwise convolutions of 3×3 taps and stride 1, forward and both gradients (simd/depthwise-kernels.as.ts). Images are
 * copied into a frame of zeros one at a time, so that the loops need no borders.
 */
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { suitsSimd } from './simd/for-each-image';
import { pointer, scratch, simdModule } from './simd/simd-module';
import { floats, release, type BackendWasm } from './wasm-heap';

type Info = backend_util.Conv2DInfo;
const FLOAT = 4;
/** Of frame and image that the loops go over once for every four channels: what a core's nearest cache holds. */
const BAND_BYTES = 24 * 1024;

export function suitsDepthwise3(info: Info): boolean {
  return (
    suitsSimd(info) &&
    info.filterHeight === 3 &&
    info.filterWidth === 3 &&
    info.strideHeight === 1 &&
    info.strideWidth === 1 &&
    info.padInfo.top <= 2 &&
    info.padInfo.left <= 2
  );
}

export function depthwise3(
  backend: BackendWasm,
  info: Info,
  x: TensorInfo,
  filter: TensorInfo,
  y: TensorInfo,
): void {
  const { outWidth, inChannels: channels } = info;
  const [w, to] = [filter, y].map((t) => pointer(backend, t)) as [number, number];
  const step = channels * FLOAT;
  forEachBand(backend, x, framesOfInput(info), (frame, offset, rows) => {
    simdModule(backend).depthwise3(frame, w, step, to + offset, rows, outWidth, channels);
  });
}

/** dx: dy convolved with the taps in reverse, a full convolution less the padding. */
export function depthwise3InputGradient(
  backend: BackendWasm,
  info: Info,
  dy: TensorInfo,
  filter: TensorInfo,
  dx: TensorInfo,
): void {
  const { inHeight, inWidth, inChannels: channels, padInfo } = info;
  const [w, to] = [filter, dx].map((t) => pointer(backend, t)) as [number, number];
  const frames: Frames = {
    images: info.batchSize,
    channels,
    height: info.outHeight,
    width: info.outWidth,
    top: 2 - padInfo.top,
    left: 2 - padInfo.left,
    rows: inHeight + 2,
    columns: inWidth + 2,
  };
  const last = w + 8 * channels * FLOAT;
  const step = -channels * FLOAT;
  forEachBand(backend, dy, frames, (frame, offset, rows) => {
    simdModule(backend).depthwise3(frame, last, step, to + offset, rows, inWidth, channels);
  });
}

export function depthwise3FilterGradient(
  backend: BackendWasm,
  info: Info,
  x: TensorInfo,
  dy: TensorInfo,
  dw: TensorInfo,
): void {
  const { outWidth, inChannels: channels } = info;
  floats(backend, dw).fill(0);
  const [from, to] = [dy, dw].map((t) => pointer(backend, t)) as [number, number];
  const module = simdModule(backend);
  forEachBand(backend, x, framesOfInput(info), (frame, offset, rows) => {
    module.depthwise3FilterGradient(frame, from + offset, to, rows, outWidth, channels);
  });
}

/** Images [height, width, channels] and where each stands in its frame [rows, columns, channels]. */
interface Frames {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** What the forward pass reads. */
function framesOfInput(info: Info): Frames {
  return {
    images: info.batchSize,
    channels: info.inChannels,
    height: info.inHeight,
    width: info.inWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
    rows: info.outHeight + 2,
    columns: info.outWidth + 2,
  };
}

/**
 * Visits all images, each in its frame, a band of rows at a time: the address in the frame of the band's first cell,
 * and the bytes before it and the rows of it in the other tensor [images, rows − 2, columns − 2, channels].
 */
function forEachBand(
  backend: BackendWasm,
  images: TensorInfo,
  { channels, height, width, top, left, rows, columns, ...frames }: Frames,
  visit: (frame: number, offset: number, rows: number) => void,
): void {
  const frame = scratch(backend, rows * columns * channels);
  floats(backend, frame).fill(0);
  const [from, to] = [images, frame].map((t) => pointer(backend, t)) as [number, number];
  const cell = channels * FLOAT;
  const copiedRows = Math.max(0, Math.min(height, rows - top));
  const copiedBytes = Math.max(0, Math.min(width, columns - left)) * cell;
  const [frameRow, row] = [columns * cell, (columns - 2) * cell];
  const band = Math.max(1, Math.floor((BAND_BYTES - 2 * frameRow) / (frameRow + row)));
  let offset = 0;
  for (let n = 0; n < frames.images; n++) {
    simdModule(backend).copyRows(
      from + n * height * width * cell,
      to + top * frameRow + left * cell,
      copiedRows,
      copiedBytes,
      width * cell,
      frameRow,
    );
    for (let first = 0; first < rows - 2; first += band) {
      const count = Math.min(band, rows - 2 - first);
      visit(to + first * frameRow, offset, count);
      offset += count * row;
    }
  }
  release(backend, frame);
}
