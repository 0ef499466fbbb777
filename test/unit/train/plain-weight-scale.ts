/** fitScale as its comment reads, every round over all magnitudes: what the fast one must equal bit for bit. */
import type { WeightFormat } from '../../../src/core/quant/packing';
import { largestCode } from '../../../src/core/quant/packing';

export function plainFitScale(magnitudes: Float64Array, format: WeightFormat): number {
  const levels = largestCode(format);
  const largest = Math.max(0, ...magnitudes);
  if (largest === 0) return 1;
  if (format === 'int8') return largest / levels;
  const unit = 2 ** (Math.floor(Math.log2(largest)) - 29);
  const whole = Array.from(magnitudes, (m) => Math.min(2 ** 30 - 1, Math.floor(m / unit + 0.5)));
  const energy = magnitudes.reduce((sum, m) => sum + m * m, 0);
  const deviation = Math.sqrt(energy / magnitudes.length);
  const gaussian = levels === 1 ? 1.224 : 0.352;
  const wide = descend(whole, levels, largest / unit / levels);
  const narrow = descend(whole, levels, (gaussian * deviation) / unit);
  return (narrow.gain >= wide.gain ? narrow.scale : wide.scale) * unit;
}

function descend(
  magnitudes: readonly number[],
  levels: number,
  start: number,
): { scale: number; gain: number } {
  let scale = start;
  let gain = 0;
  for (let round = 0; round < 8; round++) {
    let product = 0;
    let square = 0;
    for (const m of magnitudes) {
      const q = Math.min(levels, Math.floor(m / scale + 0.5));
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
