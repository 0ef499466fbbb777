import { describe, expect, it, test } from 'vitest';
import {
  clampedFrom,
  int8Grid,
  onGrid,
  passes,
} from '../../../src/core/train/kernels/quantization-grid';
import { createRandom } from '../../../src/core/util/random';

const random = createRandom(7);
const grids = [
  int8Grid(0.5, 3),
  int8Grid(1, 0),
  int8Grid(0.0173, -128),
  int8Grid(2.25, 127),
  // Multiples that overflow float32, and ones that are denormal.
  int8Grid(3e36, 0),
  int8Grid(1e-42, 5),
  ...Array.from({ length: 200 }, () =>
    int8Grid(
      Math.fround(2 ** (random.int(60) - 40) * (1 + random.int(2 ** 20) / 2 ** 20)),
      random.int(256) - 128,
    ),
  ),
].map((grid) => ({ ...grid, scale: Math.fround(grid.scale) }));

/** The float32 `steps` after value, which is not 0. */
function neighbour(value: number, steps: number): number {
  const bits = new Int32Array(Float32Array.of(value).buffer);
  bits[0] = bits[0]! + (value > 0 ? steps : -steps);
  return new Float32Array(bits.buffer)[0]!;
}

test.each(grids)('the gradient passes strictly between what is clamped: %j', (grid) => {
  const [below, above] = clampedFrom(grid);
  for (const clamped of [below, above]) expect(passes(clamped, grid)).toBe(false);
  if (below !== 0) expect(passes(neighbour(below, 1), grid)).toBe(true);
  if (above !== 0) expect(passes(neighbour(above, -1), grid)).toBe(true);
  for (let i = 0; i < 500; i++) {
    const value = Math.fround(random.normal() * 2 ** random.int(9) * grid.scale);
    expect(passes(value, grid)).toBe(value > below && value < above);
  }
  for (const value of [NaN, Infinity, -Infinity]) {
    expect(passes(value, grid)).toBe(false);
    expect(value > below && value < above).toBe(false);
  }
});

describe('rounding to a grid', () => {
  it('takes the nearest multiple, halves to the even one, and clamps', () => {
    const grid = int8Grid(0.5, 3);
    const rounded = [0.2, 0.25, 0.26, 0.75, -0.25, -0.75, 1000, -1000].map((v) => onGrid(v, grid));
    expect(rounded.map((v) => v + 0)).toEqual([0, 0, 0.5, 1, 0, -1, 62, -65.5]);
    expect(onGrid(NaN, grid)).toBeNaN();
  });
});
