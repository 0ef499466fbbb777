// AssemblyScript, compiled by scripts/build-simd.mjs to train-kernels.generated.ts: depthwise convolutions of 3×3 taps
// and stride 1, which is most of them, with all nine taps in registers. All pointers are byte offsets into the memory of
// tfjs-backend-wasm; all values are float32; channels are a multiple of 4. No data segments, no state. The slow twins
// are the loops of ../depthwise-gradients.ts.

/**
 * y [height, width, channels] of one image: each pixel is the sum over the 3×3 cells of x [height + 2, width + 2,
 * channels] from its own place on, times the nine taps. The first tap is at w, the others `step` bytes apart: −4·channels
 * takes them in reverse.
 */
export function depthwise3(
  x: usize,
  w: usize,
  step: usize,
  y: usize,
  height: usize,
  width: usize,
  channels: usize,
): void {
  const cell = channels << 2;
  const skip = 2 * cell;
  for (let c: usize = 0; c < cell; c += 16) {
    let tap = w + c;
    const w0 = v128.load(tap);
    tap += step;
    const w1 = v128.load(tap);
    tap += step;
    const w2 = v128.load(tap);
    tap += step;
    const w3 = v128.load(tap);
    tap += step;
    const w4 = v128.load(tap);
    tap += step;
    const w5 = v128.load(tap);
    tap += step;
    const w6 = v128.load(tap);
    tap += step;
    const w7 = v128.load(tap);
    tap += step;
    const w8 = v128.load(tap);
    let top = x + c;
    let middle = top + (width + 2) * cell;
    let bottom = middle + (width + 2) * cell;
    let out = y + c;
    for (let row: usize = 0; row < height; row++) {
      const end = out + width * cell;
      while (out < end) {
        let sum = f32x4.mul(v128.load(top), w0);
        sum = f32x4.add(sum, f32x4.mul(v128.load(top + cell), w1));
        sum = f32x4.add(sum, f32x4.mul(v128.load(top + skip), w2));
        sum = f32x4.add(sum, f32x4.mul(v128.load(middle), w3));
        sum = f32x4.add(sum, f32x4.mul(v128.load(middle + cell), w4));
        sum = f32x4.add(sum, f32x4.mul(v128.load(middle + skip), w5));
        sum = f32x4.add(sum, f32x4.mul(v128.load(bottom), w6));
        sum = f32x4.add(sum, f32x4.mul(v128.load(bottom + cell), w7));
        sum = f32x4.add(sum, f32x4.mul(v128.load(bottom + skip), w8));
        v128.store(out, sum);
        top += cell;
        middle += cell;
        bottom += cell;
        out += cell;
      }
      top += skip;
      middle += skip;
      bottom += skip;
    }
  }
}

/** dw [3, 3, channels], added to, of one image; x as depthwise3 takes it, dy [height, width, channels]. */
export function depthwise3FilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  height: usize,
  width: usize,
  channels: usize,
): void {
  const cell = channels << 2;
  const skip = 2 * cell;
  for (let c: usize = 0; c < cell; c += 16) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let s8 = s0;
    let top = x + c;
    let middle = top + (width + 2) * cell;
    let bottom = middle + (width + 2) * cell;
    let from = dy + c;
    for (let row: usize = 0; row < height; row++) {
      const end = from + width * cell;
      while (from < end) {
        const g = v128.load(from);
        s0 = f32x4.add(s0, f32x4.mul(v128.load(top), g));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(top + cell), g));
        s2 = f32x4.add(s2, f32x4.mul(v128.load(top + skip), g));
        s3 = f32x4.add(s3, f32x4.mul(v128.load(middle), g));
        s4 = f32x4.add(s4, f32x4.mul(v128.load(middle + cell), g));
        s5 = f32x4.add(s5, f32x4.mul(v128.load(middle + skip), g));
        s6 = f32x4.add(s6, f32x4.mul(v128.load(bottom), g));
        s7 = f32x4.add(s7, f32x4.mul(v128.load(bottom + cell), g));
        s8 = f32x4.add(s8, f32x4.mul(v128.load(bottom + skip), g));
        top += cell;
        middle += cell;
        bottom += cell;
        from += cell;
      }
      top += skip;
      middle += skip;
      bottom += skip;
    }
    let tap = dw + c;
    addTo(tap, s0);
    tap += cell;
    addTo(tap, s1);
    tap += cell;
    addTo(tap, s2);
    tap += cell;
    addTo(tap, s3);
    tap += cell;
    addTo(tap, s4);
    tap += cell;
    addTo(tap, s5);
    tap += cell;
    addTo(tap, s6);
    tap += cell;
    addTo(tap, s7);
    tap += cell;
    addTo(tap, s8);
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}
