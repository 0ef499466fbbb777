/**
 * Sigmoid and tanh of int16 as TFLite's LSTM computes them: gemmlowp's fixed point, an exponential by halving and a quotient
 * by Newton's method, with every product rounded to 16 bits. Numbers are called by their integer bits: Q3 is x · 2^12.
 */
import { clamp, roundingDivideByPowerOfTwo } from '../../quant/fixed-point';

export const INT16_MAX = 32767;
const INT16_MIN = -32768;

export function clamp16(x: number): number {
  return clamp(x, INT16_MIN, INT16_MAX);
}

/** a · b / 2^15, rounded half up, for which gemmlowp's rounding by sign is another word. Never −2^15 times itself. */
function multiply(a: number, b: number): number {
  return (a * b + 0x4000) >> 15;
}

/** x · 2^bits, saturated a little early, as gemmlowp does. */
function shiftLeft(x: number, bits: number): number {
  const threshold = (1 << (15 - bits)) - 1;
  return x > threshold ? INT16_MAX : x < -threshold ? INT16_MIN : x << bits;
}

const divide = roundingDivideByPowerOfTwo;

/** exp(−1/4) … exp(−16) as Q0. */
const POWERS: readonly number[] = [25520, 19875, 12055, 4435, 600, 11, 0];

/** exp(a) as Q0 for a below 0, Q`bits`. */
function exponential(a: number, bits: number): number {
  if (a === 0) return INT16_MAX;
  if (bits > 5 && a < -(32 << (15 - bits))) return 0;
  const quarter = 1 << (13 - bits);
  const rest = (a & (quarter - 1)) - quarter;
  // Taylor around −1/8, for −1/4 ≤ a < 0.
  const x = (rest << bits) + (1 << 12);
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = divide(multiply(x2, x2), 2);
  const more = divide(multiply(x4 + x3, 10923) + x2, 1);
  let result = clamp16(28918 + multiply(28918, x + more));
  const quarters = (rest - a) >> (13 - bits);
  for (let i = 0; i < Math.min(bits + 2, POWERS.length); i++) {
    if (((quarters >> i) & 1) !== 0) result = multiply(result, POWERS[i]!);
  }
  return result;
}

/** 2 / (1 + a) as Q2, for a in 0 … 1 as Q0. */
function quotient(a: number): number {
  const half = (a + INT16_MAX + 1) >> 1;
  let x = 23130 + multiply(half, -15420);
  for (let i = 0; i < 3; i++) {
    x += shiftLeft(multiply(x, 8192 - multiply(half, x)), 2);
  }
  return x;
}

/** σ(x) as Q0, for x as Q3. */
export function sigmoid16(x: number): number {
  if (x === 0) return 16384;
  const positive = shiftLeft(quotient(exponential(x > 0 ? -x : x, 3)), 1);
  return x > 0 ? positive : INT16_MAX - positive;
}

/** tanh(x) as Q0, for x as Q`bits`, bits 0 … 6. */
export function tanh16(x: number, bits: number): number {
  if (x === 0) return 0;
  const positive = shiftLeft(quotient(exponential(x > 0 ? -x : x, bits + 1)) - 8192, 2);
  return x > 0 ? positive : -positive;
}

export interface GateFunctions {
  sigmoid(x: number): number;
  tanh(x: number, bits: number): number;
}

export const GATE_FUNCTIONS: GateFunctions = { sigmoid: sigmoid16, tanh: tanh16 };

const tables = new Map<string, Int16Array>();

/** The same from tables, which are computed at the first use. */
export function tabulated(): GateFunctions {
  const sigmoids = table('sigmoid', sigmoid16);
  const tanhs = Array.from({ length: 7 }, (_, bits) => (): Int16Array => {
    return table(`tanh ${bits}`, (x) => tanh16(x, bits));
  });
  return {
    sigmoid: (x) => sigmoids[x + 32768]!,
    tanh: (x, bits) => tanhs[bits]!()[x + 32768]!,
  };
}

function table(name: string, f: (x: number) => number): Int16Array {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const values = Int16Array.from({ length: 65536 }, (_, i) => f(i - 32768));
  tables.set(name, values);
  return values;
}
