/** fitScale as its comment reads, every round over all magnitudes: what the fast one must equal bit for bit. */
import type { WeightFormat } from '../../../src/core/formats/formats';
import { hasZero, largestCode } from '../../../src/core/formats/packing';

export function plainFitScale(magnitudes: Float64Array, format: WeightFormat): number {
  const levels = largestCode(format);
  const largest = Math.max(0, ...magnitudes);
  if (largest === 0) return hasZero(format) ? 1 : 1e-30;
  if (format === 'int8') return largest / levels;
  const unit = 2 ** (Math.floor(Math.log2(largest)) - 29);
  const whole = Array.from(magnitudes, (m) => Math.min(2 ** 30 - 1, Math.floor(m / unit + 0.5)));
  const energy = magnitudes.reduce((sum, m) => sum + m * m, 0);
  const deviation = Math.sqrt(energy / magnitudes.length);
  const gaussian = { int4: 0.352, quaternary: 0.498, ternary: 1.224, binary: 0.798 }[format];
  const codeOf = (steps: number): number =>
    Math.min(levels, hasZero(format) ? Math.floor(steps + 0.5) : 2 * Math.floor(steps / 2) + 1);
  const wide = descend(whole, codeOf, largest / unit / levels);
  const narrow = descend(whole, codeOf, (gaussian * deviation) / unit);
  return (narrow.gain >= wide.gain ? narrow.scale : wide.scale) * unit;
}

function descend(
  magnitudes: readonly number[],
  codeOf: (steps: number) => number,
  start: number,
): { scale: number; gain: number } {
  let scale = start;
  let gain = 0;
  for (let round = 0; round < 8; round++) {
    let product = 0;
    let square = 0;
    for (const m of magnitudes) {
      const q = codeOf(m / scale);
      product += q * m;
      square += q * q;
    }
    if (square === 0) break;
    const next = product / square;
    gain = product * next;
    if (next === scale) break;
    scale = next;
  }
  return { scale, gain };
}
