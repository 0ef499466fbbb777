import { describe, expect, it } from 'vitest';
import { type WeightFormat } from '../../../src/core/formats/formats';
import { hasZero, largestCode } from '../../../src/core/formats/packing';
import { FITS } from '../../../src/core/formats/fits';
import { createRandom } from '../../../src/core/util/random';
import { plainFitScale } from './plain-least-squares';

function squaredError(magnitudes: Float64Array, scale: number, format: WeightFormat): number {
  const largest = largestCode(format);
  return magnitudes.reduce((sum, m) => {
    const code = hasZero(format) ? Math.round(m / scale) : 2 * Math.floor(m / scale / 2) + 1;
    const error = m - scale * Math.min(largest, code);
    return sum + error * error;
  }, 0);
}

/** The least error of a thousand scales. */
function bestError(magnitudes: Float64Array, format: WeightFormat): number {
  const largest = Math.max(...magnitudes);
  let best = Infinity;
  for (let n = 1; n <= 1000; n++) {
    best = Math.min(best, squaredError(magnitudes, (1.2 * n * largest) / 1000, format));
  }
  return best;
}

const FEW = ['int4', 'quaternary', 'ternary', 'binary'] as const;

describe('the scale of few levels', () => {
  it.each(FEW)('%s: is near the best there is', (format) => {
    const random = createRandom(3);
    let excess = 0;
    for (let n = 0; n < 60; n++) {
      // Gaussian; heavy-tailed; without the small ones, as pruning leaves them.
      const magnitudes = Float64Array.from({ length: 9 + random.int(200) }, () => {
        const x = Math.abs(random.normal());
        return n % 3 === 0 ? x : n % 3 === 1 ? x ** 3 : 0.5 + x;
      });
      const energy = magnitudes.reduce((sum, m) => sum + m * m, 0);
      const error = squaredError(magnitudes, FITS[format].scale(magnitudes), format);
      const least = bestError(magnitudes, format);
      expect(error - least).toBeLessThan(0.1 * energy);
      excess += (error - least) / energy;
    }
    expect(excess / 60).toBeLessThan(0.01);
  });

  it.each([...FEW, 'int8'] as const)(
    '%s: is what all rounds over all magnitudes give, bit for bit',
    (format) => {
      const random = createRandom(11);
      for (let n = 0; n < 400; n++) {
        const size = 10 ** (random.int(9) - 6);
        const grid = n % 5 === 0 ? 1 / 16 : 0;
        const magnitudes = Float64Array.from({ length: 1 + random.int(700) }, () => {
          const x = Math.abs(random.normal()) ** (1 + (n % 3));
          // On a grid many lie on the very thresholds.
          return Math.fround(size * (grid === 0 ? x : Math.round(x / grid) * grid));
        });
        expect(FITS[format].scale(magnitudes)).toBe(plainFitScale(magnitudes, format));
      }
      for (const magnitudes of [
        [1],
        [1, 0, 0],
        [0.5, 0.25],
        [2, 1e-30],
        [1e-38, 3e-39],
        [7, 6.5],
      ]) {
        const all = Float64Array.from(magnitudes);
        expect(FITS[format].scale(all)).toBe(plainFitScale(all, format));
      }
    },
  );

  it('is that of the only magnitude where there is but one', () => {
    expect(FITS['ternary'].scale(Float64Array.of(0.25, 0.25, 0.25))).toBe(0.25);
    expect(FITS['ternary'].scale(Float64Array.of(0.25, 0, 0))).toBe(0.25);
    expect(FITS['quaternary'].scale(Float64Array.of(0.75, 0.75))).toBe(0.25);
  });

  it('is the largest over 127 for int8, and 1 where there is nothing to scale', () => {
    expect(FITS['int8'].scale(Float64Array.of(1, 254, 3))).toBe(2);
    for (const format of ['int8', 'int4', 'ternary'] as const) {
      expect(FITS[format].scale(new Float64Array(4))).toBe(1);
      expect(FITS[format].scale(new Float64Array(0))).toBe(1);
    }
  });

  it('is next to nothing where there is nothing and codes cannot be zero', () => {
    for (const format of ['quaternary', 'binary'] as const) {
      const scale = FITS[format].scale(new Float64Array(4));
      expect(scale).toBeGreaterThan(0);
      expect(scale).toBeLessThan(1e-20);
    }
  });

  it('is the mean magnitude of binary weights', () => {
    expect(FITS['binary'].scale(Float64Array.of(1, 0.5, 0, 0.25))).toBe(0.4375);
  });
});
