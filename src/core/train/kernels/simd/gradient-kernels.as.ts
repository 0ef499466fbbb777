// AssemblyScript, compiled by scripts/generate/simd-kernels.ts to train-kernels.generated.ts: the gradients of
// convolution and pooling, and the range of a tensor. All pointers are byte offsets into the memory of
// tfjs-backend-wasm; all values are float32. No data segments, no state. The slow twin of every function is the plain
// CPU backend's kernel or, for pools and depthwise convolutions, the JavaScript loop beside it.

import { multiplyAdd } from './multiply-add.as';
import { tile4, tile8 } from './register-tiles.as';

/** Copies `rows` rows of `bytes` bytes; consecutive rows are `fromStep` and `toStep` bytes apart. */
export function copyRows(from: usize, to: usize, rows: usize, bytes: usize, fromStep: usize, toStep: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    memory.copy(to, from, bytes);
    from += fromStep;
    to += toStep;
  }
}

/**
 * dw[ky][j][o] += Σ x[image, y·strideY + ky, pixel offset + j] · dy[image, y, pixel, o], where j runs over the kernel's
 * columns and channels, which lie side by side in a row of x: [kernelWidth · channels].
 * x is zero-padded: imageX bytes per image, rowX per row, stepY and stepX from one output row or pixel to the next.
 * dy [images, height, width, filters]; dw [kernelHeight, span, filters]. span and filters are multiples of 4; what is
 * read beyond kernelWidth · channels gives rows of dw that the caller drops.
 */
export function filterGradient(
  x: usize,
  imageX: usize,
  rowX: usize,
  stepY: usize,
  stepX: usize,
  dy: usize,
  images: usize,
  height: usize,
  width: usize,
  dw: usize,
  kernelHeight: usize,
  span: usize,
  filters: usize,
): void {
  const row = filters << 2;
  for (let ky: usize = 0; ky < kernelHeight; ky++) {
    for (let j: usize = 0; j < span; j += 4) {
      const corner = x + ky * rowX + (j << 2);
      const target = dw + (ky * span + j) * row;
      let o: usize = 0;
      for (; o + 8 <= filters; o += 8) {
        tile8(corner, imageX, stepY, stepX, dy + (o << 2), images, height, width, row, target + (o << 2));
      }
      if (o < filters) {
        tile4(corner, imageX, stepY, stepX, dy + (o << 2), images, height, width, row, target + (o << 2));
      }
    }
  }
}

/**
 * dx [height, width, channels] of one image, added to: each output pixel of dy [outHeight, outWidth, channels] spreads
 * over its taps w [kernelHeight, kernelWidth, channels]. Channels are a multiple of 4.
 */
export function depthwiseInputGradient(
  dx: usize,
  dy: usize,
  w: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cell = <usize>channels << 2;
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ky = 0; ky < kernelHeight; ky++) {
      const y = oy * strideY - padTop + ky;
      if (y < 0 || y >= height) continue;
      for (let ox = 0; ox < outWidth; ox++) {
        const gradient = dy + <usize>(oy * outWidth + ox) * cell;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const x = ox * strideX - padLeft + kx;
          if (x < 0 || x >= width) continue;
          const at = dx + <usize>(y * width + x) * cell;
          const tap = w + <usize>(ky * kernelWidth + kx) * cell;
          for (let c: usize = 0; c < cell; c += 16) {
            const sum = multiplyAdd(v128.load(at + c), v128.load(gradient + c), v128.load(tap + c));
            v128.store(at + c, sum);
          }
        }
      }
    }
  }
}

/** dw [kernelHeight, kernelWidth, channels], added to, from one image; otherwise as depthwiseInputGradient. */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cell = <usize>channels << 2;
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      // Output columns whose tap kx lies inside the image.
      let first = 0;
      while (first < outWidth && first * strideX - padLeft + kx < 0) first++;
      let last = outWidth;
      while (last > first && (last - 1) * strideX - padLeft + kx >= width) last--;
      const tap = dw + <usize>(ky * kernelWidth + kx) * cell;
      for (let c: usize = 0; c < cell; c += 16) {
        let sum = v128.load(tap + c);
        for (let oy = 0; oy < outHeight; oy++) {
          const row = oy * strideY - padTop + ky;
          if (row < 0 || row >= height) continue;
          let at = x + <usize>(row * width + first * strideX - padLeft + kx) * cell + c;
          let gradient = dy + <usize>(oy * outWidth + first) * cell + c;
          for (let ox = first; ox < last; ox++) {
            sum = multiplyAdd(sum, v128.load(at), v128.load(gradient));
            at += cell * <usize>strideX;
            gradient += cell;
          }
        }
        v128.store(tap + c, sum);
      }
    }
  }
}

/**
 * dx [height, width, channels] of one image, added to: dy goes to the first cell of each window, in row order, that
 * holds the window's maximum. Channels are a multiple of 4.
 */
export function maxPoolGradient(
  x: usize,
  dy: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  poolHeight: i32,
  poolWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cell = <usize>channels << 2;
  const row = <usize>width * cell;
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(0, oy * strideY - padTop);
    const bottom = min(height, oy * strideY - padTop + poolHeight);
    for (let ox = 0; ox < outWidth; ox++) {
      const left = max(0, ox * strideX - padLeft);
      const right = min(width, ox * strideX - padLeft + poolWidth);
      const corner = <usize>(top * width + left) * cell;
      for (let c: usize = 0; c < cell; c += 16) {
        let best = v128.load(x + corner + c);
        // Byte offset, within the image, of the cell that holds the best value of each channel so far.
        let where = i32x4.splat(<i32>corner);
        for (let y = top; y < bottom; y++) {
          let at = <usize>y * row + <usize>left * cell;
          for (let column = left; column < right; column++) {
            const value = v128.load(x + at + c);
            const better = f32x4.gt(value, best);
            best = v128.bitselect(value, best, better);
            where = v128.bitselect(i32x4.splat(<i32>at), where, better);
            at += cell;
          }
        }
        addAt(dx + <usize>i32x4.extract_lane(where, 0) + c, load<f32>(dy + c));
        addAt(dx + <usize>i32x4.extract_lane(where, 1) + c + 4, load<f32>(dy + c, 4));
        addAt(dx + <usize>i32x4.extract_lane(where, 2) + c + 8, load<f32>(dy + c, 8));
        addAt(dx + <usize>i32x4.extract_lane(where, 3) + c + 12, load<f32>(dy + c, 12));
      }
      dy += cell;
    }
  }
}

// @ts-ignore: decorator
@inline
function addAt(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

/**
 * As maxPoolGradient for windows of 2×2 side by side that cover the image, which is most pooling there is: dx
 * [2·height, 2·width, channels] of one image is written, not added to; dy is [height, width, channels].
 */
export function maxPool2Gradient(
  x: usize,
  dy: usize,
  dx: usize,
  height: usize,
  width: usize,
  channels: usize,
): void {
  const cell = channels << 2;
  const row = 2 * width * cell;
  for (let y: usize = 0; y < height; y++) {
    for (let column: usize = 0; column < width; column++) {
      const end = x + cell;
      while (x < end) {
        const g = v128.load(dy);
        const b = v128.load(x + cell);
        const c = v128.load(x + row);
        const d = v128.load(x + row + cell);
        let best = v128.load(x);
        const toB = f32x4.gt(b, best);
        best = f32x4.pmax(best, b);
        const toC = f32x4.gt(c, best);
        best = f32x4.pmax(best, c);
        const toD = f32x4.gt(d, best);
        const afterB = v128.or(toC, toD);
        v128.store(dx, v128.andnot(g, v128.or(toB, afterB)));
        v128.store(dx + cell, v128.andnot(v128.and(g, toB), afterB));
        v128.store(dx + row, v128.andnot(v128.and(g, toC), toD));
        v128.store(dx + row + cell, v128.and(g, toD));
        x += 16;
        dx += 16;
        dy += 16;
      }
      x += cell;
      dx += cell;
    }
    x += row;
    dx += row;
  }
}

/** As maxPoolGradient, each cell of the window inside the image getting an equal share of dy. */
export function averagePoolGradient(
  dy: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  poolHeight: i32,
  poolWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cell = <usize>channels << 2;
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(0, oy * strideY - padTop);
    const bottom = min(height, oy * strideY - padTop + poolHeight);
    for (let ox = 0; ox < outWidth; ox++) {
      const left = max(0, ox * strideX - padLeft);
      const right = min(width, ox * strideX - padLeft + poolWidth);
      const share = f32x4.splat(<f32>1 / <f32>((bottom - top) * (right - left)));
      for (let y = top; y < bottom; y++) {
        let at = dx + <usize>(y * width + left) * cell;
        for (let column = left; column < right; column++) {
          for (let c: usize = 0; c < cell; c += 16) {
            const part = f32x4.mul(v128.load(dy + c), share);
            v128.store(at + c, f32x4.add(v128.load(at + c), part));
          }
          at += cell;
        }
      }
      dy += cell;
    }
  }
}

/** dx = dy where low < x < high, else 0. */
export function clampGradient(x: usize, dy: usize, dx: usize, count: usize, low: f32, high: f32): void {
  const vectors = count & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let i: usize = 0;
  for (; i < vectors; i += 4) {
    const v = v128.load(x + (i << 2));
    const inside = v128.and(f32x4.gt(v, lows), f32x4.lt(v, highs));
    v128.store(dx + (i << 2), v128.and(inside, v128.load(dy + (i << 2))));
  }
  for (; i < count; i++) {
    const v = load<f32>(x + (i << 2));
    store<f32>(dx + (i << 2), v > low && v < high ? load<f32>(dy + (i << 2)) : 0);
  }
}

/** out[0] = minimum, out[1] = maximum of `count` > 0 values. Two pairs of registers, for the latency of a comparison. */
export function range(x: usize, count: usize, out: usize): void {
  const vectors = count & ~7;
  let low: f32 = load<f32>(x);
  let high: f32 = low;
  let lows0 = f32x4.splat(low);
  let lows1 = lows0;
  let highs0 = lows0;
  let highs1 = lows0;
  let i: usize = 0;
  for (; i < vectors; i += 8) {
    const v0 = v128.load(x + (i << 2));
    const v1 = v128.load(x + (i << 2), 16);
    lows0 = f32x4.pmin(lows0, v0);
    lows1 = f32x4.pmin(lows1, v1);
    highs0 = f32x4.pmax(highs0, v0);
    highs1 = f32x4.pmax(highs1, v1);
  }
  const lows = f32x4.pmin(lows0, lows1);
  const highs = f32x4.pmax(highs0, highs1);
  low = min(
    min(f32x4.extract_lane(lows, 0), f32x4.extract_lane(lows, 1)),
    min(f32x4.extract_lane(lows, 2), f32x4.extract_lane(lows, 3)),
  );
  high = max(
    max(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
    max(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
  );
  for (; i < count; i++) {
    low = min(low, load<f32>(x + (i << 2)));
    high = max(high, load<f32>(x + (i << 2)));
  }
  store<f32>(out, low);
  store<f32>(out, high, 4);
}

/** to [columns, rows] = from [rows, columns], in square blocks so that both sides stay in cache. */
export function transpose(from: usize, to: usize, rows: usize, columns: usize): void {
  const TILE: usize = 16;
  for (let r0: usize = 0; r0 < rows; r0 += TILE) {
    const r1 = min(r0 + TILE, rows);
    for (let c: usize = 0; c < columns; c++) {
      for (let r = r0; r < r1; r++) {
        store<f32>(to + ((c * rows + r) << 2), load<f32>(from + ((r * columns + c) << 2)));
      }
    }
  }
}
