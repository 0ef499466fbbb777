// AssemblyScript, compiled by scripts/generate/simd-kernels.ts to train-kernels.generated.ts. Element-wise passes of
// training that are memory-bound in SIMD and branch-bound in JavaScript. All pointers are byte offsets into the memory
// of tfjs-backend-wasm; images are rows of `channels` float32 values, `pixels` of them. No data segments, no state.
// Each function has its slow twin in ../batch-norm-kernels.ts or ../fake-quantize-kernels.ts.

/** Pixels whose float32 partial sums are added up before they go into a float64: bounds the rounding error. */
const BLOCK: usize = 64;
/** Pixels that are gone over once for every four channels where nothing is summed: few enough for the nearest cache. */
const BAND: usize = 4;

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
      // Even and odd pixels apart, for the latency of an addition.
      let s0 = f32x4.splat(0);
      let q0 = s0;
      let s1 = s0;
      let q1 = s0;
      let at = base + (c << 2);
      for (let p: usize = 1; p < count; p += 2) {
        const d0 = f32x4.sub(v128.load(at), o);
        s0 = f32x4.add(s0, d0);
        q0 = f32x4.add(q0, f32x4.mul(d0, d0));
        const d1 = f32x4.sub(v128.load(at + row), o);
        s1 = f32x4.add(s1, d1);
        q1 = f32x4.add(q1, f32x4.mul(d1, d1));
        at += 2 * row;
      }
      if (count & 1) {
        const d = f32x4.sub(v128.load(at), o);
        s0 = f32x4.add(s0, d);
        q0 = f32x4.add(q0, f32x4.mul(d, d));
      }
      addTo(sums + (c << 3), f32x4.add(s0, s1));
      addTo(squares + (c << 3), f32x4.add(q0, q1));
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

/** sums f64[channels] of x, added to. */
export function channelSums(x: usize, pixels: usize, channels: usize, sums: usize): void {
  const row = channels << 2;
  const vectors = channels & ~3;
  for (let first: usize = 0; first < pixels; first += BLOCK) {
    const count = min(BLOCK, pixels - first);
    for (let c: usize = 0; c < vectors; c += 4) {
      let s = f32x4.splat(0);
      let at = x + (c << 2);
      for (let p: usize = 0; p < count; p++) {
        s = f32x4.add(s, v128.load(at));
        at += row;
      }
      addTo(sums + (c << 3), s);
    }
    for (let c = vectors; c < channels; c++) {
      let s: f32 = 0;
      let at = x + (c << 2);
      for (let p: usize = 0; p < count; p++) {
        s += load<f32>(at);
        at += row;
      }
      addScalar(sums + (c << 3), s);
    }
    x += count * row;
  }
}

/** y = x + b per channel; b f32[channels]. */
export function addToChannels(x: usize, b: usize, y: usize, pixels: usize, channels: usize): void {
  const row = channels << 2;
  const vectors = (channels & ~3) << 2;
  for (let p: usize = 0; p < pixels; p++) {
    let k: usize = 0;
    for (; k < vectors; k += 16) {
      v128.store(y + k, f32x4.add(v128.load(x + k), v128.load(b + k)));
    }
    for (; k < row; k += 4) store<f32>(y + k, load<f32>(x + k) + load<f32>(b + k));
    x += row;
    y += row;
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

/** y = clamp(a·x + b, low, high) per channel; a, b f32[channels]. */
export function affine(
  x: usize,
  y: usize,
  pixels: usize,
  channels: usize,
  a: usize,
  b: usize,
  low: f32,
  high: f32,
): void {
  const row = channels << 2;
  const vectors = channels & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let first: usize = 0; first < pixels; first += BAND) {
    const count = min(BAND, pixels - first);
    for (let c: usize = 0; c < vectors; c += 4) {
      const av = v128.load(a + (c << 2));
      const bv = v128.load(b + (c << 2));
      let at = c << 2;
      for (let p: usize = 0; p < count; p++) {
        const z = f32x4.add(f32x4.mul(v128.load(x + at), av), bv);
        v128.store(y + at, clamp(z, lows, highs));
        at += row;
      }
    }
    for (let c = vectors; c < channels; c++) {
      const av = load<f32>(a + (c << 2));
      const bv = load<f32>(b + (c << 2));
      let at = c << 2;
      for (let p: usize = 0; p < count; p++) {
        store<f32>(y + at, min(max(load<f32>(x + at) * av + bv, low), high));
        at += row;
      }
    }
    x += count * row;
    y += count * row;
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
      let s0 = f32x4.splat(0);
      let d0 = s0;
      let s1 = s0;
      let d1 = s0;
      let at = start + k;
      for (let p: usize = 1; p < count; p += 2) {
        const v0 = v128.load(x + at);
        const dz0 = v128.and(within(v0, av, bv, lows, highs), v128.load(dy + at));
        s0 = f32x4.add(s0, dz0);
        d0 = f32x4.add(d0, f32x4.mul(dz0, f32x4.sub(v0, m)));
        at += row;
        const v1 = v128.load(x + at);
        const dz1 = v128.and(within(v1, av, bv, lows, highs), v128.load(dy + at));
        s1 = f32x4.add(s1, dz1);
        d1 = f32x4.add(d1, f32x4.mul(dz1, f32x4.sub(v1, m)));
        at += row;
      }
      if (count & 1) {
        const v = v128.load(x + at);
        const dz = v128.and(within(v, av, bv, lows, highs), v128.load(dy + at));
        s0 = f32x4.add(s0, dz);
        d0 = f32x4.add(d0, f32x4.mul(dz, f32x4.sub(v, m)));
      }
      addTo(sums + (c << 3), f32x4.add(s0, s1));
      addTo(dots + (c << 3), f32x4.add(d0, d1));
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

/** Lanes where low < a·x + b < high. */
// @ts-ignore: decorator
@inline
function within(x: v128, a: v128, b: v128, low: v128, high: v128): v128 {
  const z = f32x4.add(f32x4.mul(x, a), b);
  return v128.and(f32x4.gt(z, low), f32x4.lt(z, high));
}

/** Several times faster than f32x4.min and max, which mind the sign of 0; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function clamp(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
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
  const row = channels << 2;
  const vectors = channels & ~3;
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let first: usize = 0; first < pixels; first += BAND) {
    const count = min(BAND, pixels - first);
    for (let c: usize = 0; c < vectors; c += 4) {
      let at = c << 2;
      const av = v128.load(a + at);
      const bv = v128.load(b + at);
      const slopes = v128.load(slope + at);
      const levels = v128.load(level + at);
      for (let p: usize = 0; p < count; p++) {
        const v = v128.load(x + at);
        const dz = v128.and(within(v, av, bv, lows, highs), v128.load(dy + at));
        const rest = f32x4.add(f32x4.mul(slopes, v), levels);
        v128.store(dx + at, f32x4.sub(f32x4.mul(av, dz), rest));
        at += row;
      }
    }
    for (let c = vectors; c < channels; c++) {
      let at = c << 2;
      const av = load<f32>(a + at);
      const bv = load<f32>(b + at);
      const slopes = load<f32>(slope + at);
      const levels = load<f32>(level + at);
      for (let p: usize = 0; p < count; p++) {
        const v = load<f32>(x + at);
        const z = v * av + bv;
        const dz: f32 = z > low && z < high ? load<f32>(dy + at) : 0;
        store<f32>(dx + at, av * dz - (slopes * v + levels));
        at += row;
      }
    }
    x += count * row;
    dy += count * row;
    dx += count * row;
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
    const q = f32x4.nearest(clamp(v, lows, highs));
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
