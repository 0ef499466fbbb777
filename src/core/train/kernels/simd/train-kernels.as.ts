// AssemblyScript, compiled by scripts/build-simd.mjs to train-kernels.generated.ts. Element-wise passes of training
// that are memory-bound in SIMD and branch-bound in JavaScript. All pointers are byte offsets into the memory of
// tfjs-backend-wasm; images are rows of `channels` float32 values, `pixels` of them. No data segments, no state.
// Each function has its slow twin in ../batch-norm-kernels.ts or ../fake-quantize-kernels.ts.

/** Pixels whose float32 partial sums are added up before they go into a float64: bounds the rounding error. */
const BLOCK: usize = 64;

/** sums f64[channels], squares f64[channels] of x − origin, both added to; origin f32[channels]. */
export function moments(
  x: usize,
  pixels: usize,
  channels: usize,
  origin: usize,
  sums: usize,
  squares: usize,
): void {
  const row = channels << 2;
  const vectors = channels & ~3;
  for (let first: usize = 0; first < pixels; first += BLOCK) {
    const count = min(BLOCK, pixels - first);
    const base = x + first * row;
    for (let c: usize = 0; c < vectors; c += 4) {
      const o = v128.load(origin + (c << 2));
      let s = f32x4.splat(0);
      let q = f32x4.splat(0);
      let at = base + (c << 2);
      for (let p: usize = 0; p < count; p++) {
        const d = f32x4.sub(v128.load(at), o);
        s = f32x4.add(s, d);
        q = f32x4.add(q, f32x4.mul(d, d));
        at += row;
      }
      addTo(sums + (c << 3), s);
      addTo(squares + (c << 3), q);
    }
    for (let c = vectors; c < channels; c++) {
      const o = load<f32>(origin + (c << 2));
      let s: f32 = 0;
      let q: f32 = 0;
      let at = base + (c << 2);
      for (let p: usize = 0; p < count; p++) {
        const d = load<f32>(at) - o;
        s += d;
        q += d * d;
        at += row;
      }
      addScalar(sums + (c << 3), s);
      addScalar(squares + (c << 3), q);
    }
  }
}

// @ts-ignore: decorator
@inline
function addScalar(at: usize, value: f32): void {
  store<f64>(at, load<f64>(at) + <f64>value);
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, v: v128): void {
  addScalar(at, f32x4.extract_lane(v, 0));
  addScalar(at + 8, f32x4.extract_lane(v, 1));
  addScalar(at + 16, f32x4.extract_lane(v, 2));
  addScalar(at + 24, f32x4.extract_lane(v, 3));
}

/** y = clamp(a·x + b, low, high) per channel; a, b f32[channels]. With scale > 0 rounded to that grid, low and high
 *  then in grid steps. */
export function affine(
  x: usize,
  y: usize,
  pixels: usize,
  channels: usize,
  a: usize,
  b: usize,
  low: f32,
  high: f32,
  scale: f32,
): void {
  const vectors = channels & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const scales = f32x4.splat(scale);
  for (let p: usize = 0; p < pixels; p++) {
    for (let c: usize = 0; c < vectors; c += 4) {
      const k = c << 2;
      let z = f32x4.add(f32x4.mul(v128.load(x + k), v128.load(a + k)), v128.load(b + k));
      if (scale > 0) {
        z = f32x4.div(z, scales);
        z = f32x4.nearest(f32x4.min(f32x4.max(z, lows), highs));
        z = f32x4.mul(z, scales);
      } else {
        z = f32x4.min(f32x4.max(z, lows), highs);
      }
      v128.store(y + k, z);
    }
    for (let c = vectors; c < channels; c++) {
      const k = c << 2;
      let z = load<f32>(x + k) * load<f32>(a + k) + load<f32>(b + k);
      if (scale > 0) z = nearest(min(max(z / scale, low), high)) * scale;
      else z = min(max(z, low), high);
      store<f32>(y + k, z);
    }
    x += channels << 2;
    y += channels << 2;
  }
}

/** sums f64[channels] of dz and dots f64[channels] of dz·(x − mean), added to; dz = dy where low < a·x + b < high. */
export function affineSums(
  x: usize,
  dy: usize,
  pixels: usize,
  channels: usize,
  a: usize,
  b: usize,
  mean: usize,
  low: f32,
  high: f32,
  sums: usize,
  dots: usize,
): void {
  const row = channels << 2;
  const vectors = channels & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let first: usize = 0; first < pixels; first += BLOCK) {
    const count = min(BLOCK, pixels - first);
    const start = first * row;
    for (let c: usize = 0; c < vectors; c += 4) {
      const k = c << 2;
      const av = v128.load(a + k);
      const bv = v128.load(b + k);
      const m = v128.load(mean + k);
      let s = f32x4.splat(0);
      let d = f32x4.splat(0);
      let at = start + k;
      for (let p: usize = 0; p < count; p++) {
        const v = v128.load(x + at);
        const z = f32x4.add(f32x4.mul(v, av), bv);
        const inside = v128.and(f32x4.gt(z, lows), f32x4.lt(z, highs));
        const dz = v128.and(inside, v128.load(dy + at));
        s = f32x4.add(s, dz);
        d = f32x4.add(d, f32x4.mul(dz, f32x4.sub(v, m)));
        at += row;
      }
      addTo(sums + (c << 3), s);
      addTo(dots + (c << 3), d);
    }
    for (let c = vectors; c < channels; c++) {
      const k = c << 2;
      let s: f32 = 0;
      let d: f32 = 0;
      let at = start + k;
      for (let p: usize = 0; p < count; p++) {
        const v = load<f32>(x + at);
        const z = v * load<f32>(a + k) + load<f32>(b + k);
        if (z > low && z < high) {
          const dz = load<f32>(dy + at);
          s += dz;
          d += dz * (v - load<f32>(mean + k));
        }
        at += row;
      }
      addScalar(sums + (c << 3), s);
      addScalar(dots + (c << 3), d);
    }
  }
}

/** dx = a·dz − slope·x − level per channel, dz as in affineSums; slope, level f32[channels]. */
export function affineGradient(
  x: usize,
  dy: usize,
  dx: usize,
  pixels: usize,
  channels: usize,
  a: usize,
  b: usize,
  slope: usize,
  level: usize,
  low: f32,
  high: f32,
): void {
  const vectors = channels & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let p: usize = 0; p < pixels; p++) {
    for (let c: usize = 0; c < vectors; c += 4) {
      const k = c << 2;
      const v = v128.load(x + k);
      const av = v128.load(a + k);
      const z = f32x4.add(f32x4.mul(v, av), v128.load(b + k));
      const inside = v128.and(f32x4.gt(z, lows), f32x4.lt(z, highs));
      const dz = v128.and(inside, v128.load(dy + k));
      const rest = f32x4.add(f32x4.mul(v128.load(slope + k), v), v128.load(level + k));
      v128.store(dx + k, f32x4.sub(f32x4.mul(av, dz), rest));
    }
    for (let c = vectors; c < channels; c++) {
      const k = c << 2;
      const v = load<f32>(x + k);
      const z = v * load<f32>(a + k) + load<f32>(b + k);
      const dz: f32 = z > low && z < high ? load<f32>(dy + k) : 0;
      store<f32>(dx + k, load<f32>(a + k) * dz - (load<f32>(slope + k) * v + load<f32>(level + k)));
    }
    x += channels << 2;
    dy += channels << 2;
    dx += channels << 2;
  }
}

/** y = scale · round(clamp(x / scale, low, high)), halves to even. */
export function fakeQuantize(x: usize, y: usize, count: usize, scale: f32, low: f32, high: f32): void {
  const vectors = count & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const scales = f32x4.splat(scale);
  let i: usize = 0;
  for (; i < vectors; i += 4) {
    const v = f32x4.div(v128.load(x + (i << 2)), scales);
    const q = f32x4.nearest(f32x4.min(f32x4.max(v, lows), highs));
    v128.store(y + (i << 2), f32x4.mul(q, scales));
  }
  for (; i < count; i++) {
    const v = load<f32>(x + (i << 2)) / scale;
    store<f32>(y + (i << 2), nearest(min(max(v, low), high)) * scale);
  }
}

/** dx = dy where round(x / scale) lies in low … high, else 0. */
export function fakeQuantizeGradient(
  x: usize,
  dy: usize,
  dx: usize,
  count: usize,
  scale: f32,
  low: f32,
  high: f32,
): void {
  const vectors = count & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const scales = f32x4.splat(scale);
  let i: usize = 0;
  for (; i < vectors; i += 4) {
    const q = f32x4.nearest(f32x4.div(v128.load(x + (i << 2)), scales));
    const inside = v128.and(f32x4.ge(q, lows), f32x4.le(q, highs));
    v128.store(dx + (i << 2), v128.and(inside, v128.load(dy + (i << 2))));
  }
  for (; i < count; i++) {
    const q = nearest(load<f32>(x + (i << 2)) / scale);
    store<f32>(dx + (i << 2), q >= low && q <= high ? load<f32>(dy + (i << 2)) : 0);
  }
}
