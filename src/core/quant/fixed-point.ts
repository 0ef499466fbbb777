/**
 * The integer arithmetic of TFLite's int8 kernels with double rounding, its reference and CMSIS-NN's default:
 * a real factor becomes a Q31 multiplier and a power-of-two shift, applied by two roundings one after the other.
 * The reference FULLY_CONNECTED multiplies in doubles and rounds once instead (that of 2.14 rounded twice): multiplyRoundedOnce.
 * Everything here is exact: 64-bit products are split so that no double ever holds more than 53 bits.
 */

export const INT32_MAX = 2147483647;
export const INT32_MIN = -2147483648;

/** A real factor m as m ≈ multiplier · 2^(shift − 31); multiplier is 0 or in 2^30 … 2^31 − 1. */
export interface FixedPointFactor {
  readonly multiplier: number;
  /** Positive is a left shift before the product, negative a rounding right shift after it. */
  readonly shift: number;
}

/** Nearest integer, halves away from zero: C's `round`, TFLite's `TfLiteRound`. */
export function roundHalfAwayFromZero(x: number): number {
  // Adding ½ would round 0.49999999999999994 up; comparing the fraction is exact.
  // + 0 turns −0 into 0.
  const whole = Math.trunc(x) + 0;
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** C's frexp: x = fraction · 2^exponent with fraction in [½, 1), for x > 0 and finite. */
function frexp(x: number): { fraction: number; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  let exponent = (view.getUint32(0) >>> 20) & 0x7ff;
  if (exponent === 0) {
    // Subnormal: scale into the normal range first.
    view.setFloat64(0, x * 2 ** 64);
    exponent = ((view.getUint32(0) >>> 20) & 0x7ff) - 64;
  }
  view.setUint32(0, (view.getUint32(0) & 0x800fffff) | (1022 << 20));
  return { fraction: view.getFloat64(0), exponent: exponent - 1022 };
}

/**
 * TFLite's QuantizeMultiplier. Factors below 2^-32 become 0. Throws RangeError for a negative or non-finite factor and
 * for one of 2^30 or more, whose left shift no int32 accumulator survives.
 */
export function quantizeMultiplier(real: number): FixedPointFactor {
  if (!(real >= 0 && real < Infinity)) {
    throw new RangeError(`A fixed-point factor must be finite and not negative, got ${real}.`);
  }
  if (real === 0) return { multiplier: 0, shift: 0 };
  const { fraction, exponent } = frexp(real);
  let multiplier = roundHalfAwayFromZero(fraction * 2 ** 31);
  let shift = exponent;
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift += 1;
  }
  if (shift < -31) return { multiplier: 0, shift: 0 };
  if (shift > 30) throw new RangeError(`A fixed-point factor must be below 2^30, got ${real}.`);
  return { multiplier, shift };
}

/** round(a · b / 2^31), halves upwards; only INT32_MIN² overflows and saturates. a, b: int32. */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  // gemmlowp adds 2^30 or 1 − 2^30 by sign and truncates, which is floor((ab + 2^30) / 2^31) for either sign.
  // With b = high · 2^16 + low both partial products stay below 2^48, and the 16 bits dropped from the lower one
  // cannot change the floor.
  const low = a * (b & 0xffff) + 0x40000000;
  const result = Math.floor((a * (b >> 16) + Math.floor(low / 65536)) / 32768);
  return result > INT32_MAX ? INT32_MAX : result;
}

/** round(x / 2^exponent), halves away from zero (gemmlowp's RoundingDivideByPOT). x: int32, exponent: 0 … 31. */
export function roundingDivideByPowerOfTwo(x: number, exponent: number): number {
  // 2^31 − 1 as a mask needs the unsigned detour; for smaller exponents it is the plain (1 << exponent) − 1.
  const mask = exponent === 0 ? 0 : -1 >>> (32 - exponent);
  const remainder = x & mask;
  const threshold = (mask >>> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/**
 * TFLite's MultiplyByQuantizedMultiplier: x · multiplier · 2^(shift − 31), rounded twice. x: int32; x · 2^shift must fit
 * an int32 (quantizeModel guarantees it), where it does not the product wraps as two's complement.
 */
export function multiplyByQuantizedMultiplier(
  x: number,
  multiplier: number,
  shift: number,
): number {
  return shift > 0
    ? saturatingRoundingDoublingHighMul(x << shift, multiplier)
    : roundingDivideByPowerOfTwo(saturatingRoundingDoublingHighMul(x, multiplier), -shift);
}

/**
 * x · multiplier · 2^(shift − 31), rounded once, halves away from zero. x: int32; the result must fit one. The factor keeps 31
 * bits of the real one, which no sum that is beside a half by more than 2^-31 of itself can tell from it.
 */
export function multiplyRoundedOnce(x: number, multiplier: number, shift: number): number {
  const size = Math.abs(x);
  const right = 31 - shift;
  // |x| · multiplier = high · 2^16 + low, neither beyond 2^47; all but a factor of 2^14 and more drops the lower 16 bits, which
  // cannot change the floor.
  const high = size * (multiplier >>> 16);
  const low = size * (multiplier & 0xffff);
  const rounded =
    right > 16
      ? Math.floor((high + Math.floor(low / 65536) + 2 ** (right - 17)) / 2 ** (right - 16))
      : Math.floor((high * 65536 + low + 2 ** (right - 1)) / 2 ** right);
  return x < 0 ? -rounded + 0 : rounded;
}
