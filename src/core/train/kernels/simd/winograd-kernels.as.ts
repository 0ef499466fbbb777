// AssemblyScript, compiled by scripts/build-simd.mjs to train-kernels.generated.ts: 3×3 convolutions of stride 1 and
// their filter gradients by Winograd's minimal filtering, F(4×4, 3×3): 36 products per 4×4 outputs instead of 144.
// All pointers are byte offsets into the memory of tfjs-backend-wasm; all values are float32; channels and filters are
// multiples of 4. No data segments, no state. The slow twin is convolution and filterGradient (conv-kernels.as.ts,
// gradient-kernels.as.ts).
//
// A row of 3 weights g and a row of 6 values x give 4 outputs y = Aᵀ[(G g) ⊙ (Bᵀ x)] (Lavin & Gray 2016): polynomials
// multiplied by their values at 0, ±5/8, ±3/2 and ∞. These points are exact in float32, and with them the error
// is one and a half to four times that of adding the products up one by one (with the usual 0, ±1, ±2: up to eight). In two
// dimensions the transforms apply to columns, then to rows.
//
// Tiles of 4×4 outputs are taken a row of them at a time. `plane` is the distance in bytes from one of the 36 positions
// of transformed values [36, tiles, channels] to the next.

import { multiplyAdd } from './multiply-add.as';
import { pointwiseTile, tile4, tile8 } from './register-tiles.as';

const A: f32 = 0.625;
const B: f32 = 1.5;
const A2: f32 = A * A;
const B2: f32 = B * B;
const A3: f32 = A2 * A;
const B3: f32 = B2 * B;
const SUM: f32 = A2 + B2;
const PRODUCT: f32 = A2 * B2;
/** What the interpolation at 0, ±A and ±B divides by; part of the transformed filter. */
const AT_0: f32 = 1 / PRODUCT;
const AT_A: f32 = 1 / (2 * A2 * (A2 - B2));
const AT_B: f32 = 1 / (2 * B2 * (B2 - A2));

// @ts-ignore: decorator
@inline
function times(v: v128, factor: f32): v128 {
  return f32x4.mul(v, f32x4.splat(factor));
}

/** sum + factor·v */
// @ts-ignore: decorator
@inline
function plus(sum: v128, v: v128, factor: f32): v128 {
  return multiplyAdd(sum, v, f32x4.splat(factor));
}

/** Bᵀ: six vectors `step` bytes apart become six, `toStep` apart. */
// @ts-ignore: decorator
@inline
function transformInput(
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  x4: v128,
  x5: v128,
  to: usize,
  toStep: usize,
): void {
  v128.store(to, f32x4.add(plus(times(x0, PRODUCT), x2, -SUM), x4));
  const evenA = plus(x4, x2, -B2);
  const oddA = plus(x3, x1, -B2);
  to += toStep;
  v128.store(to, plus(evenA, oddA, A));
  to += toStep;
  v128.store(to, plus(evenA, oddA, -A));
  const evenB = plus(x4, x2, -A2);
  const oddB = plus(x3, x1, -A2);
  to += toStep;
  v128.store(to, plus(evenB, oddB, B));
  to += toStep;
  v128.store(to, plus(evenB, oddB, -B));
  to += toStep;
  v128.store(to, f32x4.add(plus(times(x1, PRODUCT), x3, -SUM), x5));
}

/** A: four vectors become six, `toStep` bytes apart. */
// @ts-ignore: decorator
@inline
function transformGradient(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, toStep: usize): void {
  v128.store(to, y0);
  const evenA = plus(y0, y2, A2);
  const oddA = plus(y1, y3, A2);
  to += toStep;
  v128.store(to, plus(evenA, oddA, A));
  to += toStep;
  v128.store(to, plus(evenA, oddA, -A));
  const evenB = plus(y0, y2, B2);
  const oddB = plus(y1, y3, B2);
  to += toStep;
  v128.store(to, plus(evenB, oddB, B));
  to += toStep;
  v128.store(to, plus(evenB, oddB, -B));
  to += toStep;
  v128.store(to, y3);
}

/** G: three vectors, `step` bytes apart, become six, `toStep` apart. */
// @ts-ignore: decorator
@inline
function transformFilter(from: usize, step: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + step);
  const g2 = v128.load(from + 2 * step);
  v128.store(to, times(g0, AT_0));
  const evenA = times(f32x4.add(g0, times(g2, A2)), AT_A);
  const oddA = times(g1, A * AT_A);
  to += toStep;
  v128.store(to, f32x4.add(evenA, oddA));
  to += toStep;
  v128.store(to, f32x4.sub(evenA, oddA));
  const evenB = times(f32x4.add(g0, times(g2, B2)), AT_B);
  const oddB = times(g1, B * AT_B);
  to += toStep;
  v128.store(to, f32x4.add(evenB, oddB));
  to += toStep;
  v128.store(to, f32x4.sub(evenB, oddB));
  to += toStep;
  v128.store(to, g2);
}

/** Gᵀ: six vectors, `step` bytes apart, become three, `toStep` apart. */
// @ts-ignore: decorator
@inline
function restoreFilter(from: usize, step: usize, to: usize, toStep: usize): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + step);
  const m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step);
  const m4 = v128.load(from + 4 * step);
  const m5 = v128.load(from + 5 * step);
  const evenA = times(f32x4.add(m1, m2), AT_A);
  const oddA = times(f32x4.sub(m1, m2), A * AT_A);
  const evenB = times(f32x4.add(m3, m4), AT_B);
  const oddB = times(f32x4.sub(m3, m4), B * AT_B);
  v128.store(to, f32x4.add(times(m0, AT_0), f32x4.add(evenA, evenB)));
  v128.store(to + toStep, f32x4.add(oddA, oddB));
  v128.store(to + 2 * toStep, f32x4.add(f32x4.add(times(evenA, A2), times(evenB, B2)), m5));
}

/** w [3, 3, channels, filters] → u [36, ⌈filters / 8⌉, channels, 8], what is beyond `filters` 0; spare: 18·4 values. */
export function winogradFilters(w: usize, u: usize, channels: usize, filters: usize, spare: usize): void {
  const tap = (channels * filters) << 2;
  const blocks = (filters + 7) >> 3;
  const plane = (blocks * channels) << 5;
  for (let c: usize = 0; c < channels; c++) {
    for (let o: usize = 0; o < filters; o += 4) {
      const from = w + ((c * filters + o) << 2);
      // Columns of taps, then rows: [6, 3] in between.
      for (let j: usize = 0; j < 3; j++) {
        transformFilter(from + j * tap, 3 * tap, spare + (j << 4), 48);
      }
      let to = u + ((((o >> 3) * channels + c) << 3) + (o & 4) << 2);
      for (let i: usize = 0; i < 6; i++) {
        transformFilter(spare + i * 48, 16, to, plane);
        to += 6 * plane;
      }
    }
    if (filters & 4) {
      let to = u + ((((blocks - 1) * channels + c) << 3) + 4 << 2);
      for (let p = 0; p < 36; p++) {
        v128.store(to, f32x4.splat(0));
        to += plane;
      }
    }
  }
}

/** dw [3, 3, channels, filters] from its transform [36, channels, filters]; spare: 18·4 values. */
export function winogradFilterGradient(
  from: usize,
  dw: usize,
  channels: usize,
  filters: usize,
  spare: usize,
): void {
  const plane = (channels * filters) << 2;
  for (let at: usize = 0; at < plane; at += 16) {
    for (let j: usize = 0; j < 6; j++) {
      restoreFilter(from + j * plane, 6 * plane, spare + (j << 4), 96);
    }
    for (let i: usize = 0; i < 3; i++) {
      restoreFilter(spare + i * 96, 16, dw + 3 * i * plane, plane);
    }
    from += 16;
    dw += 16;
  }
}

/**
 * One row of tiles of x, transformed. The tiles' first row and column in the image are `top` and `left`, which may lie
 * outside; x is the image [height, width, channels]. `strip` [6, 4·tiles + 2, channels] must be 0 to the left and right
 * of the image; zeros: [width, channels].
 */
export function winogradInput(
  x: usize,
  top: i32,
  left: i32,
  height: i32,
  width: i32,
  channels: i32,
  tiles: i32,
  strip: usize,
  zeros: usize,
  v: usize,
  plane: usize,
): void {
  const cell = <usize>channels << 2;
  const row = <usize>width * cell;
  const stripRow = (4 * <usize>tiles + 2) * cell;
  let r0 = rowOf(x, top, height, row, zeros);
  let r1 = rowOf(x, top + 1, height, row, zeros);
  let r2 = rowOf(x, top + 2, height, row, zeros);
  let r3 = rowOf(x, top + 3, height, row, zeros);
  let r4 = rowOf(x, top + 4, height, row, zeros);
  let r5 = rowOf(x, top + 5, height, row, zeros);
  // Columns of x that the strip holds begin at −left; left is 0 or negative.
  let to = strip + <usize>-left * cell;
  const end = to + <usize>min(width, 4 * tiles + 2 + left) * cell;
  while (to < end) {
    transformInput(
      v128.load(r0),
      v128.load(r1),
      v128.load(r2),
      v128.load(r3),
      v128.load(r4),
      v128.load(r5),
      to,
      stripRow,
    );
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    r4 += 16;
    r5 += 16;
    to += 16;
  }
  for (let i = 0; i < 6; i++) {
    let out = v;
    let from = strip;
    for (let t = 0; t < tiles; t++) {
      const tileEnd = from + cell;
      while (from < tileEnd) {
        let at = from;
        const x0 = v128.load(at);
        at += cell;
        const x1 = v128.load(at);
        at += cell;
        const x2 = v128.load(at);
        at += cell;
        const x3 = v128.load(at);
        at += cell;
        const x4 = v128.load(at);
        at += cell;
        const x5 = v128.load(at);
        transformInput(x0, x1, x2, x3, x4, x5, out, plane);
        from += 16;
        out += 16;
      }
      from += 3 * cell;
    }
    strip += stripRow;
    v += 6 * plane;
  }
}

/** Row y of an image, or zeros where it has none. */
// @ts-ignore: decorator
@inline
function rowOf(image: usize, y: i32, height: i32, row: usize, zeros: usize): usize {
  return y >= 0 && y < height ? image + <usize>y * row : zeros;
}

/**
 * One row of tiles of dy, transformed, for the filter gradient. dy is the image [height, width, filters]; the tiles'
 * first row is `top`. `strip` [6, 4·tiles, filters] must be 0 to the right of the image; zeros: [width, filters].
 */
export function winogradOutputGradient(
  dy: usize,
  top: i32,
  height: i32,
  width: i32,
  filters: i32,
  tiles: i32,
  strip: usize,
  zeros: usize,
  z: usize,
  plane: usize,
): void {
  const cell = <usize>filters << 2;
  const row = <usize>width * cell;
  const stripRow = 4 * <usize>tiles * cell;
  let r0 = rowOf(dy, top, height, row, zeros);
  let r1 = rowOf(dy, top + 1, height, row, zeros);
  let r2 = rowOf(dy, top + 2, height, row, zeros);
  let r3 = rowOf(dy, top + 3, height, row, zeros);
  let to = strip;
  const end = to + row;
  while (to < end) {
    transformGradient(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3), to, stripRow);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    to += 16;
  }
  for (let i = 0; i < 6; i++) {
    let out = z;
    let from = strip;
    for (let t = 0; t < tiles; t++) {
      const tileEnd = from + cell;
      while (from < tileEnd) {
        const y0 = v128.load(from);
        const y1 = v128.load(from + cell);
        const y2 = v128.load(from + 2 * cell);
        const y3 = v128.load(from + 3 * cell);
        transformGradient(y0, y1, y2, y3, out, plane);
        from += 16;
        out += 16;
      }
      from += 3 * cell;
    }
    strip += stripRow;
    z += 6 * plane;
  }
}

/**
 * m [36, tiles, ⌈filters / 8⌉·8] = v [36, tiles, channels] · u [36, ⌈filters / 8⌉, channels, 8]; tiles a multiple of 4.
 */
export function winogradProducts(
  v: usize,
  u: usize,
  m: usize,
  tiles: usize,
  channels: usize,
  filters: usize,
): void {
  const cell = channels << 2;
  const row = ((filters + 7) & ~7) << 2;
  for (let p = 0; p < 36; p++) {
    for (let o: usize = 0; o < row; o += 32) {
      let at = v;
      let out = m + o;
      for (let t: usize = 0; t < tiles; t += 4) {
        pointwiseTile(at, cell, u, out, row);
        at += cell << 2;
        out += row << 2;
      }
      u += channels << 5;
    }
    v += tiles * cell;
    m += tiles * row;
  }
}

/** dw [36, channels, filters] += v [36, tiles, channels] transposed · z [36, tiles, filters]; planes as far apart. */
export function winogradGradientProducts(
  v: usize,
  planeV: usize,
  z: usize,
  planeZ: usize,
  dw: usize,
  tiles: usize,
  channels: usize,
  filters: usize,
): void {
  const cell = channels << 2;
  const row = filters << 2;
  for (let p = 0; p < 36; p++) {
    for (let c: usize = 0; c < cell; c += 16) {
      let o: usize = 0;
      for (; o + 32 <= row; o += 32) {
        tile8(v + c, 0, 0, cell, z + o, 1, 1, tiles, row, dw + o);
      }
      if (o < row) tile4(v + c, 0, 0, cell, z + o, 1, 1, tiles, row, dw + o);
      dw += row << 2;
    }
    v += planeV;
    z += planeZ;
  }
}

/**
 * One row of tiles of y, from their products m, whose rows hold ⌈filters / 8⌉·8 values. `rows` of at most 4 rows are
 * written to y, `width` pixels each. strip: [6, 4·tiles, filters].
 */
export function winogradOutput(
  m: usize,
  plane: usize,
  tiles: usize,
  filters: usize,
  strip: usize,
  y: usize,
  rows: usize,
  width: usize,
): void {
  const cell = filters << 2;
  const step = ((filters + 7) & ~7) << 2;
  const stripRow = 4 * tiles * cell;
  let to = strip;
  for (let i = 0; i < 6; i++) {
    let at = m;
    let out = to;
    for (let t: usize = 0; t < tiles; t++) {
      for (let o: usize = 0; o < cell; o += 16) {
        let from = at + o;
        const m0 = v128.load(from);
        from += plane;
        const m1 = v128.load(from);
        from += plane;
        const m2 = v128.load(from);
        from += plane;
        const m3 = v128.load(from);
        from += plane;
        const m4 = v128.load(from);
        from += plane;
        const m5 = v128.load(from);
        const evenA = f32x4.add(m1, m2);
        const oddA = f32x4.sub(m1, m2);
        const evenB = f32x4.add(m3, m4);
        const oddB = f32x4.sub(m3, m4);
        v128.store(out, f32x4.add(m0, f32x4.add(evenA, evenB)));
        v128.store(out + cell, plus(times(oddA, A), oddB, B));
        v128.store(out + 2 * cell, plus(times(evenA, A2), evenB, B2));
        v128.store(
          out + 3 * cell,
          f32x4.add(plus(times(oddA, A3), oddB, B3), m5),
        );
        out += 16;
      }
      out += 3 * cell;
      at += step;
    }
    m += 6 * plane;
    to += stripRow;
  }
  const row = width * cell;
  for (let at: usize = 0; at < row; at += 16) {
    let from = strip + at;
    const m0 = v128.load(from);
    from += stripRow;
    const m1 = v128.load(from);
    from += stripRow;
    const m2 = v128.load(from);
    from += stripRow;
    const m3 = v128.load(from);
    from += stripRow;
    const m4 = v128.load(from);
    from += stripRow;
    const m5 = v128.load(from);
    const evenA = f32x4.add(m1, m2);
    const oddA = f32x4.sub(m1, m2);
    const evenB = f32x4.add(m3, m4);
    const oddB = f32x4.sub(m3, m4);
    let to = y + at;
    v128.store(to, f32x4.add(m0, f32x4.add(evenA, evenB)));
    if (rows > 1) {
      to += row;
      v128.store(to, plus(times(oddA, A), oddB, B));
    }
    if (rows > 2) {
      to += row;
      v128.store(to, plus(times(evenA, A2), evenB, B2));
    }
    if (rows > 3) {
      to += row;
      v128.store(to, f32x4.add(plus(times(oddA, A3), oddB, B3), m5));
    }
  }
}
