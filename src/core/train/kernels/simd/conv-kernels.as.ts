// AssemblyScript, compiled by scripts/generate/simd-kernels.ts to train-kernels.generated.ts: convolution. All pointers
// are byte offsets into the memory of tfjs-backend-wasm; all values are float32. No data segments, no state. The slow
// twin is the backend's own convolution: products are added in the same order, so both give the same bits.

// Packed filters are padded to a multiple of BLOCK.
import { BLOCK, tile } from './register-tiles.as';

/** [taps, filters] → [⌈filters / 8⌉, taps, 8], what is beyond `filters` 0. */
export function packFilters(from: usize, to: usize, taps: usize, filters: usize): void {
  for (let o: usize = 0; o < filters; o += BLOCK) {
    const own = min(BLOCK, filters - o);
    let at = from + (o << 2);
    for (let t: usize = 0; t < taps; t++) {
      for (let i: usize = 0; i < BLOCK; i++) {
        store<f32>(to + (i << 2), i < own ? load<f32>(at + (i << 2)) : 0);
      }
      to += BLOCK << 2;
      at += filters << 2;
    }
  }
}

/**
 * y [height, width, filters] of one image: y[p][o] = Σ x[p + ky·rowX + j] · w[ky][j][o], where j runs over the kernel's
 * columns and channels, which lie side by side in a row of x: `span` values. x is zero-padded: rowX bytes per row, stepY
 * and stepX from one output row or pixel to the next. w as packFilters makes it; `spare` has room for 4·8 values.
 */
export function convolution(
  x: usize,
  rowX: usize,
  stepY: usize,
  stepX: usize,
  w: usize,
  height: usize,
  width: usize,
  y: usize,
  kernelHeight: usize,
  span: usize,
  filters: usize,
  spare: usize,
): void {
  const row = filters << 2;
  const pixels = height * width;
  const nextRow = stepY - width * stepX;
  for (let o: usize = 0; o < filters; o += BLOCK) {
    const whole = o + BLOCK <= filters;
    let at = x;
    let column: usize = 0;
    let out = y + (o << 2);
    for (let p: usize = 0; p < pixels; p += 4) {
      // Where the next four pixels begin; past the last one its own place serves again.
      const a = at;
      let b = a;
      let c = a;
      let d = a;
      const rest = pixels - p;
      at += stepX;
      if (++column == width) {
        column = 0;
        at += nextRow;
      }
      if (rest > 1) {
        b = at;
        at += stepX;
        if (++column == width) {
          column = 0;
          at += nextRow;
        }
      }
      if (rest > 2) {
        c = at;
        at += stepX;
        if (++column == width) {
          column = 0;
          at += nextRow;
        }
      }
      if (rest > 3) {
        d = at;
        at += stepX;
        if (++column == width) {
          column = 0;
          at += nextRow;
        }
      }
      if (whole && rest > 3) {
        tile(a, b, c, d, rowX, w, kernelHeight, span, out, row);
      } else {
        tile(a, b, c, d, rowX, w, kernelHeight, span, spare, BLOCK << 2);
        const columns = min(BLOCK, filters - o) << 2;
        for (let i: usize = 0; i < min(rest, 4); i++) {
          memory.copy(out + i * row, spare + i * (BLOCK << 2), columns);
        }
      }
      out += row << 2;
    }
    w += (kernelHeight * span * BLOCK) << 2;
  }
}
