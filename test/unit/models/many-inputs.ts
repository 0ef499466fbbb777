/** Inputs that bench/golden/tflite_many.py makes, too. */

/** `count` int8 codes: uniform for odd seeds, near the middle for even ones. */
export function manyCodes(count: number, seed: number): Int8Array {
  const start = Math.imul(seed, 0x9e3779b1);
  return Int8Array.from({ length: count }, (_, i) => {
    let h = (start + i) | 0;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    const value = (h & 255) - 128;
    return seed % 2 === 1 ? value : value >> 2;
  });
}
