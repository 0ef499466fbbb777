/**
 * Conv2DBackpropInput by the backend's fast forward convolution; its own kernel of that name is ten times slower.
 *
 * With stride s, the input row y gets dx[y] = Σ dy[i]·w[k] over i·s + k = y + padTop: only the taps k ≡ r (mod s)
 * where r = (y + padTop) mod s. So the rows (and likewise the columns) fall into s phases, each a stride-1
 * convolution of dy with every s-th tap, reversed, its channel axes swapped. No zero is ever multiplied.
 */
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionInfo } from './geometry';
import { input, shape4 } from './kernel-arguments';
import type { Tf } from './tf';
import { allocate, floats, release, wasmBackend, type BackendWasm } from './wasm-heap';

/** One phase of one spatial axis. Full output = the stride-1 convolution with all its borders. */
interface Phase {
  /** First tap, and number of taps: tap j of the phase is tap first + j·stride of the filter. */
  readonly first: number;
  readonly taps: number;
  /** First input position of this phase; the others follow at distance stride. */
  readonly start: number;
  readonly count: number;
  /** Zero padding of dy before and after, chosen to compute no more than is needed. */
  readonly before: number;
  readonly after: number;
  /** Position in the convolution's output that belongs to `start`; positions outside are zero. */
  readonly offset: number;
  readonly length: number;
}

function phasesOf(
  inSize: number,
  outSize: number,
  taps: number,
  stride: number,
  pad: number,
): Phase[] {
  return Array.from({ length: Math.min(stride, inSize) }, (_, start) => {
    const first = (start + pad) % stride;
    const own = Math.max(0, Math.ceil((taps - first) / stride));
    const count = Math.ceil((inSize - start) / stride);
    // dx[start + t·stride] is element t + shift of the full convolution, which has outSize + own − 1 elements.
    const shift = (start + pad - first) / stride;
    const before = clamp(own - 1 - shift, 0, own - 1);
    const after = clamp(shift + count - outSize, 0, own - 1);
    return {
      first,
      taps: own,
      start,
      count,
      before,
      after,
      offset: shift - (own - 1 - before),
      length: Math.max(0, outSize + before + after - own + 1),
    };
  });
}

export function conv2dInputGradient(tf: Tf, conv2d: KernelFunc): KernelConfig {
  return {
    kernelName: tf.Conv2DBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend: anyBackend, attrs = {} }) => {
      const backend = wasmBackend(anyBackend);
      const dy = input(inputs, 'dy');
      const filter = input(inputs, 'filter');
      const info = convolutionInfo(tf, attrs, attrs['inputShape'], filter.shape);
      const { strideHeight: stepY, strideWidth: stepX } = info;
      const rows = phasesOf(
        info.inHeight,
        info.outHeight,
        info.filterHeight,
        stepY,
        info.padInfo.top,
      );
      const columns = phasesOf(
        info.inWidth,
        info.outWidth,
        info.filterWidth,
        stepX,
        info.padInfo.left,
      );

      const convolve = (row: Phase, column: Phase): TensorInfo | undefined => {
        if (row.taps * column.taps === 0 || row.length * column.length === 0) return undefined;
        const reversed = reversedFilter(backend, filter, row, column, stepY, stepX);
        const out = conv2d({
          inputs: { x: dy, filter: reversed },
          backend,
          attrs: {
            strides: [1, 1],
            dilations: [1, 1],
            dataFormat: 'NHWC',
            pad: [
              [0, 0],
              [row.before, row.after],
              [column.before, column.after],
              [0, 0],
            ],
          },
        });
        release(backend, reversed);
        if (Array.isArray(out)) throw new Error('conv2d returned several tensors');
        return out;
      };

      const [row, column] = [rows[0]!, columns[0]!];
      if (stepY === 1 && stepX === 1 && covers(row) && covers(column)) {
        const dx = convolve(row, column);
        if (dx !== undefined) return dx;
      }
      const parts = rows.flatMap((row) =>
        columns.map((column) => ({ row, column, part: convolve(row, column) })),
      );
      const dx = allocate(backend, info.inShape);
      const values = floats(backend, dx).fill(0);
      for (const { row, column, part } of parts) {
        if (part === undefined) continue;
        scatter(values, floats(backend, part), info, row, column, stepY, stepX);
        release(backend, part);
      }
      return dx;
    },
  };
}

/** The phase's convolution is, as it comes, all that is wanted. */
function covers(phase: Phase): boolean {
  return phase.offset === 0 && phase.length === phase.count;
}

/** [KH, KW, C, C′] → the phase's taps, reversed, [rows, columns, C′, C]. */
function reversedFilter(
  backend: BackendWasm,
  filter: TensorInfo,
  row: Phase,
  column: Phase,
  stepY: number,
  stepX: number,
): TensorInfo {
  const [, width, channels, filters] = shape4(filter.shape);
  const out = allocate(backend, [row.taps, column.taps, filters, channels]);
  const from = floats(backend, filter);
  const to = floats(backend, out);
  let at = 0;
  for (let j = row.taps - 1; j >= 0; j--) {
    for (let i = column.taps - 1; i >= 0; i--) {
      const tap = ((row.first + j * stepY) * width + column.first + i * stepX) * channels * filters;
      for (let f = 0; f < filters; f++) {
        for (let c = 0; c < channels; c++) to[at++] = from[tap + c * filters + f]!;
      }
    }
  }
  return out;
}

/** Writes one phase's rows and columns of dx from `part` [N, row.length, column.length, C]. */
function scatter(
  dx: Float32Array,
  part: Float32Array,
  info: { batchSize: number; inHeight: number; inWidth: number; inChannels: number },
  row: Phase,
  column: Phase,
  stepY: number,
  stepX: number,
): void {
  const { batchSize, inHeight, inWidth, inChannels: channels } = info;
  for (let n = 0; n < batchSize; n++) {
    for (let t = 0; t < row.count; t++) {
      const fromY = t + row.offset;
      if (fromY < 0 || fromY >= row.length) continue;
      const y = row.start + t * stepY;
      for (let u = 0; u < column.count; u++) {
        const fromX = u + column.offset;
        if (fromX < 0 || fromX >= column.length) continue;
        const to = ((n * inHeight + y) * inWidth + column.start + u * stepX) * channels;
        const from = ((n * row.length + fromY) * column.length + fromX) * channels;
        for (let c = 0; c < channels; c++) dx[to + c] = part[from + c]!;
      }
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
