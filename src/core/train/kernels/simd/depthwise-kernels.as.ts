// AssemblyScript, compiled by scripts/generate/simd-kernels.ts to train-kernels.generated.ts: depthwise convolutions of
// 3×3 taps and stride 1, which is most of them. All pointers are byte offsets into the memory of tfjs-backend-wasm; all
// values are float32; channels are a multiple of 4. No data segments, no state. The slow twins are the loops of
// ../depthwise-gradients.ts.

import { multiplyAdd } from './multiply-add.as';

/**
 * y [height, width, channels] of one image: each pixel is the sum over the 3×3 cells of x [height + 2, width + 2,
 * channels] from its own place on, times the nine taps, added up in their order. The first tap is at w, the others `step`
 * bytes apart: −4·channels takes them in reverse.
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
  const rowX = (width + 2) * cell;
  const rowY = width * cell;
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
    // Down the columns of y: three cells of x are read once for the three pixels they belong to, the one that they
    // complete and two that are begun.
    for (let column: usize = c; column < rowY; column += cell) {
      let at = x + column;
      let p = v128.load(at);
      let q = v128.load(at + cell);
      let r = v128.load(at + skip);
      at += rowX;
      let upper = multiplyAdd(multiplyAdd(f32x4.mul(p, w0), q, w1), r, w2);
      p = v128.load(at);
      q = v128.load(at + cell);
      r = v128.load(at + skip);
      at += rowX;
      upper = multiplyAdd(multiplyAdd(multiplyAdd(upper, p, w3), q, w4), r, w5);
      let lower = multiplyAdd(multiplyAdd(f32x4.mul(p, w0), q, w1), r, w2);
      let out = y + column;
      for (let row: usize = 0; row < height; row++) {
        p = v128.load(at);
        q = v128.load(at + cell);
        r = v128.load(at + skip);
        at += rowX;
        v128.store(out, multiplyAdd(multiplyAdd(multiplyAdd(upper, p, w6), q, w7), r, w8));
        out += rowY;
        upper = multiplyAdd(multiplyAdd(multiplyAdd(lower, p, w3), q, w4), r, w5);
        lower = multiplyAdd(multiplyAdd(f32x4.mul(p, w0), q, w1), r, w2);
      }
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
  const rowX = (width + 2) * cell;
  const rowY = width * cell;
  // Six sums, then three: nine and what is multiplied do not fit into the registers.
  for (let c: usize = 0; c < cell; c += 16) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let top = x + c;
    let middle = top + rowX;
    let from = dy + c;
    for (let row: usize = 0; row < height; row++) {
      const end = from + rowY;
      while (from < end) {
        const g = v128.load(from);
        s0 = multiplyAdd(s0, v128.load(top), g);
        s1 = multiplyAdd(s1, v128.load(top + cell), g);
        s2 = multiplyAdd(s2, v128.load(top + skip), g);
        s3 = multiplyAdd(s3, v128.load(middle), g);
        s4 = multiplyAdd(s4, v128.load(middle + cell), g);
        s5 = multiplyAdd(s5, v128.load(middle + skip), g);
        top += cell;
        middle += cell;
        from += cell;
      }
      top += skip;
      middle += skip;
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
    s0 = f32x4.splat(0);
    s1 = s0;
    s2 = s0;
    let bottom = x + c + 2 * rowX;
    from = dy + c;
    for (let row: usize = 0; row < height; row++) {
      const end = from + rowY;
      while (from < end) {
        const g = v128.load(from);
        s0 = multiplyAdd(s0, v128.load(bottom), g);
        s1 = multiplyAdd(s1, v128.load(bottom + cell), g);
        s2 = multiplyAdd(s2, v128.load(bottom + skip), g);
        bottom += cell;
        from += cell;
      }
      bottom += skip;
    }
    addTo(tap, s0);
    tap += cell;
    addTo(tap, s1);
    tap += cell;
    addTo(tap, s2);
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}
