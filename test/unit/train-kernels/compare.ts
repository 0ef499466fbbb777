/** Helpers of these tests: seeded values, and a comparison that says where two arrays differ. */
import { expect } from 'vitest';
import { createRandom } from '../../../src/core/util/random';

/** Standard normal, as float32. */
export function randomValues(count: number, seed: number, scale = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal() * scale);
}

/** Every |a − b| ≤ tolerance · max(1, largest |b|): float32 sums in another order. */
export function closeTo(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 2e-5): void {
  expect(a.length).toBe(b.length);
  let size = 1;
  for (let i = 0; i < b.length; i++) size = Math.max(size, Math.abs(b[i]!));
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= tolerance * size)) {
      expect.fail(`at ${i}: ${a[i]} instead of ${b[i]}`);
    }
  }
}
