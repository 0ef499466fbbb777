// AssemblyScript: the innermost loops of the products of matrices, for the files that scripts/build-simd.mjs compiles.
// All pointers are byte offsets into the memory of tfjs-backend-wasm; all values are float32.

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
      a0 = f32x4.add(a0, f32x4.mul(xa, w0));
      a1 = f32x4.add(a1, f32x4.mul(xa, w1));
      const xb = v128.load32_splat(b);
      b0 = f32x4.add(b0, f32x4.mul(xb, w0));
      b1 = f32x4.add(b1, f32x4.mul(xb, w1));
      const xc = v128.load32_splat(c);
      c0 = f32x4.add(c0, f32x4.mul(xc, w0));
      c1 = f32x4.add(c1, f32x4.mul(xc, w1));
      const xd = v128.load32_splat(d);
      d0 = f32x4.add(d0, f32x4.mul(xd, w0));
      d1 = f32x4.add(d1, f32x4.mul(xd, w1));
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
 * As tile, for pixels that lie side by side, `cell` bytes each, and filters of one tap. Four channels at a time, and few
 * enough addresses that none of them leaves the registers: that counts where the loop is as short as here.
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
    let w0 = v128.load(w);
    let w1 = v128.load(w, 16);
    let x = v128.load32_splat(a);
    a0 = f32x4.add(a0, f32x4.mul(x, w0));
    a1 = f32x4.add(a1, f32x4.mul(x, w1));
    x = v128.load32_splat(b);
    b0 = f32x4.add(b0, f32x4.mul(x, w0));
    b1 = f32x4.add(b1, f32x4.mul(x, w1));
    x = v128.load32_splat(c);
    c0 = f32x4.add(c0, f32x4.mul(x, w0));
    c1 = f32x4.add(c1, f32x4.mul(x, w1));
    x = v128.load32_splat(d);
    d0 = f32x4.add(d0, f32x4.mul(x, w0));
    d1 = f32x4.add(d1, f32x4.mul(x, w1));
    w0 = v128.load(w, 32);
    w1 = v128.load(w, 48);
    x = v128.load32_splat(a, 4);
    a0 = f32x4.add(a0, f32x4.mul(x, w0));
    a1 = f32x4.add(a1, f32x4.mul(x, w1));
    x = v128.load32_splat(b, 4);
    b0 = f32x4.add(b0, f32x4.mul(x, w0));
    b1 = f32x4.add(b1, f32x4.mul(x, w1));
    x = v128.load32_splat(c, 4);
    c0 = f32x4.add(c0, f32x4.mul(x, w0));
    c1 = f32x4.add(c1, f32x4.mul(x, w1));
    x = v128.load32_splat(d, 4);
    d0 = f32x4.add(d0, f32x4.mul(x, w0));
    d1 = f32x4.add(d1, f32x4.mul(x, w1));
    w0 = v128.load(w, 64);
    w1 = v128.load(w, 80);
    x = v128.load32_splat(a, 8);
    a0 = f32x4.add(a0, f32x4.mul(x, w0));
    a1 = f32x4.add(a1, f32x4.mul(x, w1));
    x = v128.load32_splat(b, 8);
    b0 = f32x4.add(b0, f32x4.mul(x, w0));
    b1 = f32x4.add(b1, f32x4.mul(x, w1));
    x = v128.load32_splat(c, 8);
    c0 = f32x4.add(c0, f32x4.mul(x, w0));
    c1 = f32x4.add(c1, f32x4.mul(x, w1));
    x = v128.load32_splat(d, 8);
    d0 = f32x4.add(d0, f32x4.mul(x, w0));
    d1 = f32x4.add(d1, f32x4.mul(x, w1));
    w0 = v128.load(w, 96);
    w1 = v128.load(w, 112);
    x = v128.load32_splat(a, 12);
    a0 = f32x4.add(a0, f32x4.mul(x, w0));
    a1 = f32x4.add(a1, f32x4.mul(x, w1));
    x = v128.load32_splat(b, 12);
    b0 = f32x4.add(b0, f32x4.mul(x, w0));
    b1 = f32x4.add(b1, f32x4.mul(x, w1));
    x = v128.load32_splat(c, 12);
    c0 = f32x4.add(c0, f32x4.mul(x, w0));
    c1 = f32x4.add(c1, f32x4.mul(x, w1));
    x = v128.load32_splat(d, 12);
    d0 = f32x4.add(d0, f32x4.mul(x, w0));
    d1 = f32x4.add(d1, f32x4.mul(x, w1));
    a += 16;
    b += 16;
    c += 16;
    d += 16;
    w += BLOCK << 4;
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
        a0 = f32x4.add(a0, f32x4.mul(xa, g0));
        a1 = f32x4.add(a1, f32x4.mul(xa, g1));
        const xb = v128.load32_splat(at, 4);
        b0 = f32x4.add(b0, f32x4.mul(xb, g0));
        b1 = f32x4.add(b1, f32x4.mul(xb, g1));
        const xc = v128.load32_splat(at, 8);
        c0 = f32x4.add(c0, f32x4.mul(xc, g0));
        c1 = f32x4.add(c1, f32x4.mul(xc, g1));
        const xd = v128.load32_splat(at, 12);
        d0 = f32x4.add(d0, f32x4.mul(xd, g0));
        d1 = f32x4.add(d1, f32x4.mul(xd, g1));
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
        a = f32x4.add(a, f32x4.mul(v128.load32_splat(at), g));
        b = f32x4.add(b, f32x4.mul(v128.load32_splat(at, 4), g));
        c = f32x4.add(c, f32x4.mul(v128.load32_splat(at, 8), g));
        d = f32x4.add(d, f32x4.mul(v128.load32_splat(at, 12), g));
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
