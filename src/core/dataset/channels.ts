/**
 * Grey and colour where file and model disagree. The rules are fixed: a grey image for a 3-channel model repeats the
 * grey level; a colour image for a 1-channel model becomes its luma (ITU-R BT.601, rounded). Alpha must be opaque.
 * Nothing else is converted.
 */

/** Whether `convertPixels` knows how to make `to` channels from `from`. */
export function canConvert(from: number, to: number): boolean {
  return from === to || (from === 1 && to === 3) || (from === 3 && to === 1);
}

/**
 * Writes `pixels` pixels of `source` (interleaved, `from` channels) to `target` at `offset` (interleaved, `to`
 * channels). Both uint8; `canConvert(from, to)` must hold.
 */
export function convertPixels(
  source: Uint8Array,
  from: number,
  target: Uint8Array,
  offset: number,
  to: number,
  pixels: number,
): void {
  if (from === to) {
    target.set(source.subarray(0, pixels * from), offset);
  } else if (from === 1) {
    for (let i = 0; i < pixels; i++) target.fill(source[i]!, offset + 3 * i, offset + 3 * i + 3);
  } else {
    for (let i = 0; i < pixels; i++) {
      target[offset + i] = luma(source[3 * i]!, source[3 * i + 1]!, source[3 * i + 2]!);
    }
  }
}

/** 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, rounded to nearest; a grey pixel keeps its value. */
export function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}
