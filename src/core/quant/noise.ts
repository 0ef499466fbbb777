/** How far an integer network is from the float one that it was made of, layer by layer. */

/** 10·log₁₀ of the signal's power over the error's. */
export function decibels(signal: number, error: number): number {
  if (error === 0) return Infinity;
  return 10 * Math.log10(signal / error);
}

/** Power over the error's power, in decibels; Infinity where there is no error. */
export interface LayerNoise {
  readonly layer: string;
  /** The layer's float output over its error in the integer network, with all that comes before it. */
  readonly output: number;
  /** Over the error that the layer's own rounding brings, fed with the float network's values. */
  readonly own: number;
}

/** How a range of values is chosen: all that was seen, all but the outermost ten-thousandth, or the least squared error. */
export const RANGE_RULES = ['extremes', 'percentile', 'least error'] as const;

export type RangeRule = (typeof RANGE_RULES)[number];

/** How an integer network came about without training. */
export interface QuantizationChoice {
  readonly ranges: RangeRule;
  /** Whether channels' scales were moved between layers first. */
  readonly equalized: boolean;
  readonly biasCorrected: boolean;
  /** Examples that ranges were chosen on. */
  readonly examples: number;
}
