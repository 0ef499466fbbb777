import { describe, expect, it } from 'vitest';
import {
  INT32_MAX,
  INT32_MIN,
  multiplyByQuantizedMultiplier,
  multiplyRoundedOnce,
  quantizeMultiplier,
  roundHalfAwayFromZero,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMul,
} from '../../../src/core/quant/fixed-point';
import { createRandom } from '../../../src/core/util/random';

// The slow twins: gemmlowp's definitions, word for word, in BigInt (whose division truncates as C's does).
function highMul(a: number, b: number): number {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX;
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n));
}

function divide(x: number, exponent: number): number {
  const half = exponent === 0 ? 0n : 1n << BigInt(exponent - 1);
  const magnitude = (BigInt(Math.abs(x)) + half) >> BigInt(exponent);
  return Number(x < 0 ? -magnitude : magnitude);
}

function roundedOnce(x: number, multiplier: number, shift: number): number {
  const right = BigInt(31 - shift);
  const magnitude = (BigInt(Math.abs(x)) * BigInt(multiplier) + (1n << (right - 1n))) >> right;
  return Number(x < 0 ? -magnitude : magnitude);
}

const random = createRandom(5);
const hostile = [0, 1, -1, 2, -2, 1 << 30, -(1 << 30), 65535, 65536, -65536, -65537];
hostile.push(
  INT32_MAX,
  INT32_MIN,
  INT32_MAX - 1,
  INT32_MIN + 1,
  0x40000001,
  0x3fffffff,
  0x7fff8000,
);
const anyInt32 = (): number =>
  random.int(4) === 0
    ? hostile[random.int(hostile.length)]!
    : (random.int(2 ** 32) | 0) >> random.int(32);

describe('fixed-point arithmetic', () => {
  it('rounds a product once, halves away from zero', () => {
    expect([3, -3, 1, -1, 0].map((x) => multiplyRoundedOnce(x, 2 ** 30, 0))).toEqual([
      2, -2, 1, -1, 0,
    ]);
    let wrong = 0;
    for (let i = 0; i < 200_000; i++) {
      const multiplier = i % 9 === 0 ? 0 : 2 ** 30 + random.int(2 ** 30);
      const shift = random.int(62) - 31;
      // What comes of it is an int32, as accumulatorBound promises.
      const x = anyInt32() >> Math.max(0, shift);
      if (!Object.is(multiplyRoundedOnce(x, multiplier, shift), roundedOnce(x, multiplier, shift)))
        wrong++;
      // Sums that end exactly on a half.
      const half = (random.int(2 ** 12) - 2 ** 11) * 2 + 1;
      if (multiplyRoundedOnce(half, 2 ** 30, 0) !== roundedOnce(half, 2 ** 30, 0)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('multiplies as gemmlowp does', () => {
    for (const a of hostile) {
      for (const b of hostile) {
        expect(saturatingRoundingDoublingHighMul(a, b) + 0, `${a} · ${b}`).toBe(highMul(a, b));
      }
    }
    let wrong = 0;
    for (let i = 0; i < 200_000; i++) {
      const a = anyInt32();
      const b = anyInt32();
      if (saturatingRoundingDoublingHighMul(a, b) !== highMul(a, b)) wrong++;
      // Products that end exactly on a half.
      const c = a & ~0x7fff;
      if (saturatingRoundingDoublingHighMul(c, 0x8000) !== highMul(c, 0x8000)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('divides by powers of two, halves away from zero', () => {
    expect([5, 6, 7, -5, -6, -7].map((x) => roundingDivideByPowerOfTwo(x, 2))).toEqual([
      1, 2, 2, -1, -2, -2,
    ]);
    let wrong = 0;
    for (let i = 0; i < 100_000; i++) {
      const x = anyInt32();
      const exponent = random.int(32);
      if (roundingDivideByPowerOfTwo(x, exponent) !== divide(x, exponent)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('applies a factor with two roundings', () => {
    let wrong = 0;
    for (let i = 0; i < 100_000; i++) {
      const shift = random.int(62) - 31;
      const left = Math.max(0, shift);
      const x = anyInt32() >> left;
      const multiplier = 2 ** 30 + random.int(2 ** 30);
      const expected = divide(highMul(x << left, multiplier), Math.max(0, -shift));
      if (multiplyByQuantizedMultiplier(x, multiplier, shift) !== expected) wrong++;
    }
    expect(wrong).toBe(0);
    // ¼ and a little less of it: the first rounding makes 1 and 0 of them, the second halves that, away from zero.
    expect(multiplyByQuantizedMultiplier(1, 2 ** 30, -1)).toBe(1);
    expect(multiplyByQuantizedMultiplier(1, 2 ** 30 - 1, -1)).toBe(0);
  });

  it('quantises factors as frexp and round do', () => {
    expect(quantizeMultiplier(0)).toEqual({ multiplier: 0, shift: 0 });
    expect(quantizeMultiplier(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(quantizeMultiplier(0.5)).toEqual({ multiplier: 2 ** 30, shift: 0 });
    expect(quantizeMultiplier(0.75)).toEqual({ multiplier: 3 * 2 ** 29, shift: 0 });
    // Rounds up to 2^31, which no int32 holds.
    expect(quantizeMultiplier(1 - 2 ** -33)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(quantizeMultiplier(1 - 2 ** -31)).toEqual({ multiplier: INT32_MAX, shift: 0 });
    expect(quantizeMultiplier(2 ** -32)).toEqual({ multiplier: 2 ** 30, shift: -31 });
    expect(quantizeMultiplier(2 ** -33)).toEqual({ multiplier: 0, shift: 0 });
    // 2^-32 from below: the rounding lifts it over the edge before the edge is looked at.
    expect(quantizeMultiplier(2 ** -32 * (1 - 2 ** -40))).toEqual({
      multiplier: 2 ** 30,
      shift: -31,
    });
    expect(quantizeMultiplier(Number.MIN_VALUE)).toEqual({ multiplier: 0, shift: 0 });
    for (const bad of [-1, NaN, Infinity, 2 ** 31]) {
      expect(() => quantizeMultiplier(bad), String(bad)).toThrow(RangeError);
    }
    let wrong = 0;
    for (let i = 0; i < 10_000; i++) {
      const real = (random.next() + 0.01) * 2 ** (random.int(45) - 25);
      const { multiplier, shift } = quantizeMultiplier(real);
      const close = Math.abs(multiplier * 2 ** (shift - 31) - real) <= real * 2 ** -31;
      if (!close || multiplier < 2 ** 30 || multiplier > INT32_MAX) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('rounds halves away from zero and nothing else', () => {
    const half = 0.49999999999999994;
    expect(
      [0.5, -0.5, 1.5, 2.5, -2.5, half, -half].map((x) => roundHalfAwayFromZero(x) + 0),
    ).toEqual([1, -1, 2, 3, -3, 0, 0]);
    expect(roundHalfAwayFromZero(2 ** 52 + 1)).toBe(2 ** 52 + 1);
  });
});
