import type { TrainingConfig } from '../../config/config';

/**
 * Learning rate at `step` of `total` (0-based) with the given peak.
 * one-cycle: linear warm-up over the first fifth from a tenth of the peak, then cosine to zero (after Smith & Topin
 * 2018); cosine: Loshchilov & Hutter 2017 without restarts; constant: the peak throughout.
 */
export function learningRate(
  schedule: TrainingConfig['schedule'],
  peak: number,
  step: number,
  total: number,
): number {
  const t = total <= 1 ? 0 : step / total;
  switch (schedule) {
    case 'constant':
      return peak;
    case 'cosine':
      return (peak * (1 + Math.cos(Math.PI * t))) / 2;
    case 'one-cycle': {
      const warm = 0.2;
      if (t < warm) return peak * (0.1 + (0.9 * t) / warm);
      return (peak * (1 + Math.cos((Math.PI * (t - warm)) / (1 - warm)))) / 2;
    }
  }
}

/**
 * Byte budget while pruning: from `start` down to `end` along the cubic of Zhu & Gupta 2017 (arXiv 1710.01878), fast
 * at first, gentle at the end. `t` in [0, 1]; 1 is where the final budget must hold.
 */
export function budgetAt(start: number, end: number, t: number): number {
  const clamped = Math.min(1, Math.max(0, t));
  return end + (start - end) * Math.pow(1 - clamped, 3);
}
