// AssemblyScript: the innermost loops of the products of matrices, for the files that scripts/generate/simd-kernels.ts
// compiles. All pointers are byte offsets into the memory of tfjs-backend-wasm; all values are float32.

import { multiplyAdd } from './multiply-add.as';

/** Filters of one register tile. */
export const BLOCK: usize = 8;

/** Four pixels and eight filters of y, held in registers over all taps. */
export function tile(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  rowX: usize,
  w: usize,
  kernelHeight: usize,
  span: usize,
  y: usize,
  row: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  const skip = rowX - (span << 2);
  for (let ky: usize = 0; ky < kernelHeight; ky++) {
    const end = w + (span << 5);
    while (w < end) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const xa = v128.load32_splat(a);
      a0 = multiplyAdd(a0, xa, w0);
      a1 = multiplyAdd(a1, xa, w1);
      const xb = v128.load32_splat(b);
      b0 = multiplyAdd(b0, xb, w0);
      b1 = multiplyAdd(b1, xb, w1);
      const xc = v128.load32_splat(c);
      c0 = multiplyAdd(c0, xc, w0);
      c1 = multiplyAdd(c1, xc, w1);
      const xd = v128.load32_splat(d);
      d0 = multiplyAdd(d0, xd, w0);
      d1 = multiplyAdd(d1, xd, w1);
      a += 4;
      b += 4;
      c += 4;
      d += 4;
      w += BLOCK << 2;
    }
    a += skip;
    b += skip;
    c += skip;
    d += skip;
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
  y += row;
  v128.store(y, b0);
  v128.store(y, b1, 16);
  y += row;
  v128.store(y, c0);
  v128.store(y, c1, 16);
  y += row;
  v128.store(y, d0);
  v128.store(y, d1, 16);
}

/**
 * As tile, for pixels that lie side by side, `cell` bytes each, and filters of one tap: few enough addresses that none
 * of them leaves the registers, which counts where the loop is as short as here; tile takes up to a quarter longer for
 * the same. Unrolled it is slower, too: V8 then gathers the products of each sum, which wait for one another, and runs
 * out of registers.
 */
export function pointwiseTile(a: usize, cell: usize, w: usize, y: usize, row: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const end = a + cell;
  let b = end;
  let c = b + cell;
  let d = c + cell;
  while (a < end) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const xa = v128.load32_splat(a);
    a0 = multiplyAdd(a0, xa, w0);
    a1 = multiplyAdd(a1, xa, w1);
    const xb = v128.load32_splat(b);
    b0 = multiplyAdd(b0, xb, w0);
    b1 = multiplyAdd(b1, xb, w1);
    const xc = v128.load32_splat(c);
    c0 = multiplyAdd(c0, xc, w0);
    c1 = multiplyAdd(c1, xc, w1);
    const xd = v128.load32_splat(d);
    d0 = multiplyAdd(d0, xd, w0);
    d1 = multiplyAdd(d1, xd, w1);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
    w += BLOCK << 2;
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
  y += row;
  v128.store(y, b0);
  v128.store(y, b1, 16);
  y += row;
  v128.store(y, c0);
  v128.store(y, c1, 16);
  y += row;
  v128.store(y, d0);
  v128.store(y, d1, 16);
}

/** Four rows and eight columns of dw, held in registers over all pixels. */
export function tile8(
  x: usize,
  imageX: usize,
  stepY: usize,
  stepX: usize,
  dy: usize,
  images: usize,
  height: usize,
  width: usize,
  row: usize,
  dw: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  const bytes = width * row;
  for (let n: usize = 0; n < images; n++) {
    let image = x + n * imageX;
    for (let y: usize = 0; y < height; y++) {
      let at = image;
      const end = dy + bytes;
      while (dy < end) {
        const g0 = v128.load(dy);
        const g1 = v128.load(dy, 16);
        const xa = v128.load32_splat(at);
        a0 = multiplyAdd(a0, xa, g0);
        a1 = multiplyAdd(a1, xa, g1);
        const xb = v128.load32_splat(at, 4);
        b0 = multiplyAdd(b0, xb, g0);
        b1 = multiplyAdd(b1, xb, g1);
        const xc = v128.load32_splat(at, 8);
        c0 = multiplyAdd(c0, xc, g0);
        c1 = multiplyAdd(c1, xc, g1);
        const xd = v128.load32_splat(at, 12);
        d0 = multiplyAdd(d0, xd, g0);
        d1 = multiplyAdd(d1, xd, g1);
        at += stepX;
        dy += row;
      }
      image += stepY;
    }
  }
  v128.store(dw, f32x4.add(v128.load(dw), a0));
  v128.store(dw, f32x4.add(v128.load(dw, 16), a1), 16);
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), b0));
  v128.store(dw, f32x4.add(v128.load(dw, 16), b1), 16);
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), c0));
  v128.store(dw, f32x4.add(v128.load(dw, 16), c1), 16);
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), d0));
  v128.store(dw, f32x4.add(v128.load(dw, 16), d1), 16);
}

/** As tile8, four columns. */
export function tile4(
  x: usize,
  imageX: usize,
  stepY: usize,
  stepX: usize,
  dy: usize,
  images: usize,
  height: usize,
  width: usize,
  row: usize,
  dw: usize,
): void {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let c = f32x4.splat(0);
  let d = f32x4.splat(0);
  for (let n: usize = 0; n < images; n++) {
    for (let y: usize = 0; y < height; y++) {
      let at = x + n * imageX + y * stepY;
      for (let p: usize = 0; p < width; p++) {
        const g = v128.load(dy);
        a = multiplyAdd(a, v128.load32_splat(at), g);
        b = multiplyAdd(b, v128.load32_splat(at, 4), g);
        c = multiplyAdd(c, v128.load32_splat(at, 8), g);
        d = multiplyAdd(d, v128.load32_splat(at, 12), g);
        at += stepX;
        dy += row;
      }
    }
  }
  v128.store(dw, f32x4.add(v128.load(dw), a));
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), b));
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), c));
  dw += row;
  v128.store(dw, f32x4.add(v128.load(dw), d));
}
