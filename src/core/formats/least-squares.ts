/** The fit of formats of few levels: per channel the scale of least squared error. */
import { channelFit, largestOf, type ChannelFit } from './channel-fit';
import type { Format } from './format';

/** What codes without a zero get where there are only zeros: with batch norm's factor still a normal float32. */
const NEXT_TO_NOTHING = 1e-30;
/** Rounds of the search; it is mostly at rest after five. */
const ROUNDS = 8;

type Levels = Pick<Format, 'largestCode' | 'hasZero'>;

/** `gaussianScale`: the best scale for Gaussian weights, in standard deviations (Max 1960): where the search starts. */
export function fewLevelsFit(format: Levels, gaussianScale: number): ChannelFit {
  const scale = (magnitudes: Float64Array): number => fitScale(magnitudes, format, gaussianScale);
  return channelFit({ format, fine: false, scale });
}

/**
 * The scale of a channel from the magnitudes of its weights: what a code of 1 is worth. Where all are zero, 1; or next to
 * nothing in formats whose codes are never zero.
 *
 * A local minimum of the squared error by Lloyd's method (the best scale for the codes, the best codes for the scale, and
 * so on), the better of two: from the scale that would be best for Gaussian weights, and from the one that clips nothing.
 * It works on whole multiples of 2⁻³⁰ to 2⁻²⁹ of the largest magnitude: their sums are exact in any order, so that a round
 * needs to look at few of them (Sums).
 */
function fitScale(
  magnitudes: Float64Array,
  { largestCode: top, hasZero }: Levels,
  gaussianScale: number,
): number {
  const largest = largestOf(magnitudes);
  if (!(largest > 0)) return hasZero ? 1 : NEXT_TO_NOTHING;
  let energy = 0;
  for (let i = 0; i < magnitudes.length; i++) energy += magnitudes[i]! * magnitudes[i]!;
  const deviation = Math.sqrt(energy / magnitudes.length);
  const unit = unitOf(largest);
  sums.take(magnitudes, 1 / unit);
  const descend = hasZero ? descendWhole : descendOdd;
  const wide = descend(top, largest / unit / top);
  const narrow = descend(top, (gaussianScale * deviation) / unit);
  return (narrow.gain >= wide.gain ? narrow.scale : wide.scale) * unit;
}

/** `gain`: energy less squared error, at the best scale for the last codes. */
interface Descended {
  readonly scale: number;
  readonly gain: number;
}

/** Codes 0, 1, 2 … `levels`. */
function descendWhole(levels: number, start: number): Descended {
  let scale = start;
  let gain = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let product = 0;
    let square = 0;
    // A code is the number of levels reached: its square is the sum of 1, 3, 5 …
    for (let level = 1; level <= levels; level++) {
      sums.reaching(level, scale, 0.5);
      if (sums.count === 0) break;
      product += sums.sum;
      square += (2 * level - 1) * sums.count;
    }
    if (square === 0) break;
    const next = product / square;
    gain = product * next;
    if (next === scale) break;
    scale = next;
  }
  return { scale, gain };
}

/** Codes 1, 3, 5 … `largest`. */
function descendOdd(largest: number, start: number): Descended {
  let scale = start;
  let gain = 0;
  for (let round = 0; round < ROUNDS; round++) {
    sums.all();
    let product = sums.sum;
    let square = sums.count;
    // Each further level adds 2 to the code, and 8, 16, 24 … to its square.
    for (let level = 1; 2 * level < largest; level++) {
      sums.reaching(level, 2 * scale, 0);
      if (sums.count === 0) break;
      product += 2 * sums.sum;
      square += 8 * level * sums.count;
    }
    const next = product / square;
    gain = product * next;
    if (next === scale) break;
    scale = next;
  }
  return { scale, gain };
}

const GRID_BITS = 30;
const BUCKET_BITS = 8;
const BUCKETS = 2 ** BUCKET_BITS;
/** Far more than thresholds are off by through rounding. */
const DOUBT = 1e-9;

/** Magnitudes as whole numbers, sorted into buckets of equal width, and what lies in each bucket and all above it. */
class Sums {
  /** Results of `reaching` and `all`. */
  count = 0;
  sum = 0;
  private values = new Int32Array(0);
  private sorted = new Int32Array(0);
  /** Where each bucket begins in `sorted`; one more for the end. */
  private readonly starts = new Int32Array(BUCKETS + 1);
  private readonly ends = new Int32Array(BUCKETS);
  private readonly sumFrom = new Float64Array(BUCKETS + 1);

  take(magnitudes: Float64Array, factor: number): void {
    const { length } = magnitudes;
    if (this.values.length < length) {
      this.values = new Int32Array(length);
      this.sorted = new Int32Array(length);
    }
    const { values, sorted, starts, ends, sumFrom } = this;
    starts.fill(0);
    sumFrom.fill(0);
    const shift = GRID_BITS - BUCKET_BITS;
    for (let i = 0; i < length; i++) {
      const value = Math.min(2 ** GRID_BITS - 1, (magnitudes[i]! * factor + 0.5) | 0);
      values[i] = value;
      starts[(value >> shift) + 1]!++;
      sumFrom[value >> shift]! += value;
    }
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      ends[bucket] = starts[bucket]!;
      starts[bucket + 1]! += starts[bucket]!;
    }
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) sumFrom[bucket]! += sumFrom[bucket + 1]!;
    for (let i = 0; i < length; i++) sorted[ends[values[i]! >> shift]!++] = values[i]!;
  }

  /** Number and sum of all magnitudes. */
  all(): void {
    this.count = this.starts[BUCKETS]!;
    this.sum = this.sumFrom[0]!;
  }

  /** Number and sum of the magnitudes that, in steps of `step`, are `level` or more when `half` a step is added. */
  reaching(level: number, step: number, half: number): void {
    const threshold = (level - half) * step;
    const first = bucketOf(threshold * (1 - DOUBT));
    const last = bucketOf(threshold * (1 + DOUBT));
    const { sorted, starts } = this;
    const above = Math.min(BUCKETS, last + 1);
    let count = starts[BUCKETS]! - starts[above]!;
    let sum = this.sumFrom[above]!;
    for (let i = starts[Math.min(BUCKETS, first)]!; i < starts[above]!; i++) {
      if (sorted[i]! / step + half >= level) {
        count++;
        sum += sorted[i]!;
      }
    }
    this.count = count;
    this.sum = sum;
  }
}

const sums = new Sums();

/** Beyond the last bucket: BUCKETS. */
function bucketOf(value: number): number {
  return value < 2 ** GRID_BITS ? value >> (GRID_BITS - BUCKET_BITS) : BUCKETS;
}

const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);

/** A power of two of which `largest` is 2²⁹ to 2³⁰ times. */
function unitOf(largest: number): number {
  float[0] = largest;
  // Without its fraction, what is left of a number is the power of two below it.
  bits[0] = bits[0]! & 0x7ff0000000000000n;
  return float[0] / 2 ** (GRID_BITS - 1);
}
