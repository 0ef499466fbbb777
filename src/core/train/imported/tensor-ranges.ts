/**
 * Which range of a tensor's values its 255 steps are spread over: the whole one wastes them on outliers, a short one
 * clips. Values are counted in a histogram, so that any number of examples takes the same memory.
 */
import type { RangeRule } from '../../quant/noise';
import type { TensorRange } from '../../quant/quantize-model';

const BINS = 4096;
const STEPS = 255;
const OUTERMOST = 1e-4;
/** Ends that are tried, as fractions of the extremes. */
const CUTS = Array.from({ length: 30 }, (_, i) => 1 - i / 40);

/** Values of one tensor in bins of one width around 0, which doubles whenever a value lies outside. */
export class Histogram {
  private counts = new Float64Array(BINS);
  /** The bins reach from −limit to limit. */
  private limit = 0;
  private zeros = 0;
  private low = Infinity;
  private high = -Infinity;

  add(values: Float32Array): void {
    let peak = 0;
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (v < this.low) this.low = v;
      if (v > this.high) this.high = v;
      if (Math.abs(v) > peak) peak = Math.abs(v);
    }
    this.reach(peak);
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      // What is exactly 0 is always a code, and clamps put out many.
      if (v === 0) this.zeros++;
      else this.counts[this.binOf(v)]!++;
    }
  }

  get extremes(): TensorRange {
    return { min: this.low, max: this.high };
  }

  range(rule: RangeRule): TensorRange {
    if (!(this.limit > 0) || !Number.isFinite(this.limit)) return this.extremes;
    switch (rule) {
      case 'extremes':
        return this.extremes;
      case 'percentile':
        return this.percentile();
      case 'least error':
        return this.leastError();
    }
  }

  private reach(peak: number): void {
    if (peak <= this.limit) return;
    if (this.limit === 0 || !Number.isFinite(peak)) {
      this.limit = peak;
      return;
    }
    while (this.limit < peak) {
      const wider = new Float64Array(BINS);
      for (let i = 0; i < BINS; i++) {
        wider[BINS / 4 + (i >> 1)] = wider[BINS / 4 + (i >> 1)]! + this.counts[i]!;
      }
      this.counts = wider;
      this.limit *= 2;
    }
  }

  private binOf(value: number): number {
    const bin = Math.floor(((value / this.limit + 1) * BINS) / 2);
    return Math.max(0, Math.min(BINS - 1, bin));
  }

  /** The middle of a bin. */
  private valueOf(bin: number): number {
    return (((bin + 0.5) * 2) / BINS - 1) * this.limit;
  }

  private percentile(): TensorRange {
    const total = this.counts.reduce((sum, n) => sum + n, this.zeros);
    const end = (bins: readonly number[]): number => {
      let outside = 0;
      for (const bin of bins) {
        outside += this.counts[bin]!;
        if (outside > total * OUTERMOST) return this.valueOf(bin);
      }
      return 0;
    };
    const upwards = Array.from({ length: BINS / 2 }, (_, i) => i);
    const downwards = upwards.map((i) => BINS - 1 - i);
    return {
      min: Math.max(this.low, Math.min(0, end(upwards))),
      max: Math.min(this.high, Math.max(0, end(downwards))),
    };
  }

  /** Clipped values cost their squared distance from the end, the others a twelfth of the step's square (uniform rounding). */
  private leastError(): TensorRange {
    const low = Math.min(0, this.low);
    const high = Math.max(0, this.high);
    const total = this.counts.reduce((sum, n) => sum + n, 0);
    const clipped = (end: number, above: boolean): { cost: number; count: number } => {
      let cost = 0;
      let count = 0;
      for (let i = 0; i < BINS; i++) {
        const beyond = above ? this.valueOf(i) - end : end - this.valueOf(i);
        if (beyond <= 0) continue;
        cost += this.counts[i]! * beyond * beyond;
        count += this.counts[i]!;
      }
      return { cost, count };
    };
    const lows = low === 0 ? [0] : CUTS.map((cut) => cut * low);
    const highs = high === 0 ? [0] : CUTS.map((cut) => cut * high);
    const below = lows.map((end) => clipped(end, false));
    const above = highs.map((end) => clipped(end, true));
    let best: TensorRange = { min: low, max: high };
    let least = Infinity;
    lows.forEach((min, l) => {
      highs.forEach((max, h) => {
        const step = (max - min) / STEPS;
        const inside = total - below[l]!.count - above[h]!.count;
        const cost = below[l]!.cost + above[h]!.cost + (inside * step * step) / 12;
        if (cost >= least) return;
        least = cost;
        best = { min, max };
      });
    });
    return best;
  }
}
