/** The int8 grid that training rounds a tensor to, as attributes of kernels and in plain arithmetic. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { number } from './kernel-arguments';

const LOWEST = -128;
const HIGHEST = 127;
/** Adding and subtracting 1.5·2²³ in float32 rounds |v| < 2²² to the nearest integer, halves to even. */
const ROUNDER = 12582912;

/** Values are whole multiples of `scale` from `low` to `high` times. */
export interface Grid {
  readonly scale: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The grid of (q − zeroPoint) · scale, q = −128 … 127.
 * @throws Error if scale is not positive and finite, or zeroPoint is not an int8.
 */
export function int8Grid(scale: number, zeroPoint: number): Grid {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new Error(`fake quantisation: scale must be positive, got ${scale}`);
  }
  if (!Number.isInteger(zeroPoint) || zeroPoint < LOWEST || zeroPoint > HIGHEST) {
    throw new Error(
      `fake quantisation: zero point must be an integer in −128 … 127, got ${zeroPoint}`,
    );
  }
  return { scale, low: LOWEST - zeroPoint, high: HIGHEST - zeroPoint };
}

/** The grid among a kernel's attributes, its scale a float32. */
export function gridOf(attrs: NamedAttrMap | undefined): Grid {
  const scale = Math.fround(number(attrs, 'scale'));
  return { scale, low: number(attrs, 'low'), high: number(attrs, 'high') };
}

/** The nearest whole multiple of the scale from `low` to `high` times, halves to the even one. NaN stays NaN. */
function multiple(value: number, { scale, low, high }: Grid): number {
  const v = Math.fround(value / scale);
  // The bounds are integers, so clamping first gives the same and keeps the rounding trick in its range.
  const clamped = v < low ? low : v > high ? high : v;
  return Math.fround(clamped + ROUNDER) - ROUNDER;
}

/** The nearest value of the grid in float32, halves to the even multiple. NaN stays NaN. */
export function onGrid(value: number, grid: Grid): number {
  return Math.fround(multiple(value, grid) * grid.scale);
}

/** Below the grid: −1, above: 1, where rounding clamps; else 0. */
function side(value: number, { scale, low, high }: Grid): -1 | 0 | 1 {
  const nearest = multiple(value, { scale, low: low - 1, high: high + 1 });
  return nearest < low ? -1 : nearest > high ? 1 : 0;
}

/** Whether rounding clamps nothing: there the gradient passes. Not for NaN. */
export function passes(value: number, grid: Grid): boolean {
  return value === value && side(value, grid) === 0;
}

/**
 * The nearest float32 values that rounding clamps, below and above: between them, exclusive, the gradient passes. So a
 * kernel that compares with an activation's corners needs nothing else to mind the grid.
 */
export function clampedFrom(grid: Grid): [below: number, above: number] {
  return [
    floatAt(lastOrdinal((value) => side(value, grid) < 0)),
    floatAt(lastOrdinal((value) => side(value, grid) <= 0) + 1),
  ];
}

/** The last float32 for which `holds`, which it does from −∞ up to some value. */
function lastOrdinal(holds: (value: number) => boolean): number {
  let [last, beyond] = [ordinalOf(-Infinity), ordinalOf(Infinity)];
  while (beyond - last > 1) {
    const middle = Math.floor((last + beyond) / 2);
    if (holds(floatAt(middle))) last = middle;
    else beyond = middle;
  }
  return last;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** float32 values in their order, 0 for 0; −0 is 0. */
function ordinalOf(value: number): number {
  float[0] = value;
  const magnitude = bits[0]! & 0x7fffffff;
  return bits[0]! < 0 ? -magnitude : magnitude;
}

function floatAt(ordinal: number): number {
  bits[0] = Math.abs(ordinal);
  return ordinal < 0 ? -float[0]! : float[0]!;
}
