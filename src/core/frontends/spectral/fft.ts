/**
 * The power spectrum of real samples in integers: a complex transform of half the size (radix 4, after one stage of radix 2
 * where its size is no power of four), split into that of the real ones. Sines are Q15; values are int32 with as many
 * fraction bits as the size leaves, so that nothing is scaled on the way: what is rounded is half a step of those.
 */

/** Sizes: powers of two in this range. */
export const LEAST_SIZE = 16;
export const MOST_SIZE = 4096;
/** Bits that results are rounded to before they are squared, so that powers have 52 bits. */
const POWER_SHIFT = 4;

/** The size of the transform that holds a window of so many samples. */
export function transformSize(window: number): number {
  let size = LEAST_SIZE;
  while (size < window) size *= 2;
  return size;
}

/** Fraction bits of what is transformed: int16 samples, or differences of them, which have one bit more. */
export function fractionBits(size: number, differences: boolean): number {
  return Math.clz32(size) - 16 - (differences ? 1 : 0);
}

/** A quarter of a wave with `size` samples a turn, Q15: 0 … 32768. */
export function quarterSine(size: number): Uint16Array {
  return Uint16Array.from({ length: size / 4 + 1 }, (_, i) =>
    Math.round(32768 * Math.sin((2 * Math.PI * i) / size)),
  );
}

/** Half of a Hann window over `window` samples (periodic: the other half is the same backwards), Q15: 0 … 32768. */
export function hannHalf(window: number): Uint16Array {
  return Uint16Array.from({ length: Math.floor(window / 2) + 1 }, (_, i) =>
    Math.round(16384 * (1 - Math.cos((2 * Math.PI * i) / window))),
  );
}

export interface Transform {
  readonly size: number;
  /** [size / 2] of what is to be transformed, pairs of samples in bit-reversed order: where each pair goes. */
  readonly places: Uint16Array;
  /** Real and imaginary parts, [size / 2]; a pair of samples is one number. */
  readonly re: Int32Array;
  readonly im: Int32Array;
  /** Computes `power` from `re` and `im`, which are lost. */
  readonly run: () => void;
  /** [size / 2 + 1], in units of 2^(2 · (fraction bits − 4)). */
  readonly power: Float64Array;
}

export function createTransform(size: number): Transform {
  const half = size / 2;
  const quarter = size / 4;
  const sine = quarterSine(size);
  // Of a turn's `size` parts, up to three quarters.
  const sines = Float64Array.from({ length: 3 * quarter }, (_, k) =>
    k <= quarter ? sine[k]! : k <= half ? sine[half - k]! : -sine[k - half]!,
  );
  const cosines = Float64Array.from({ length: 3 * quarter }, (_, k) =>
    k <= quarter ? sine[quarter - k]! : k <= half ? -sine[k - quarter]! : -sine[3 * quarter - k]!,
  );
  const re = new Int32Array(half);
  const im = new Int32Array(half);
  const power = new Float64Array(half + 1);

  const radix2 = (): void => {
    for (let i = 0; i < half; i += 2) {
      const r = re[i + 1]!;
      const m = im[i + 1]!;
      re[i + 1] = re[i]! - r;
      im[i + 1] = im[i]! - m;
      re[i]! += r;
      im[i]! += m;
    }
  };
  const radix4 = (quarterOf: number): void => {
    const step = size / (4 * quarterOf);
    for (let j = 0; j < quarterOf; j++) {
      const k = j * step;
      const c1 = cosines[k]!;
      const s1 = sines[k]!;
      const c2 = cosines[2 * k]!;
      const s2 = sines[2 * k]!;
      const c3 = cosines[3 * k]!;
      const s3 = sines[3 * k]!;
      for (let at = j; at < half; at += 4 * quarterOf) {
        const [i1, i2, i3] = [at + quarterOf, at + 2 * quarterOf, at + 3 * quarterOf];
        const r0 = re[at]!;
        const m0 = im[at]!;
        const r1 = turned(re[i1]! * c2 + im[i1]! * s2);
        const m1 = turned(im[i1]! * c2 - re[i1]! * s2);
        const r2 = turned(re[i2]! * c1 + im[i2]! * s1);
        const m2 = turned(im[i2]! * c1 - re[i2]! * s1);
        const r3 = turned(re[i3]! * c3 + im[i3]! * s3);
        const m3 = turned(im[i3]! * c3 - re[i3]! * s3);
        const [pr, pm, qr, qm] = [r0 + r1, m0 + m1, r0 - r1, m0 - m1];
        const [ur, um, vr, vm] = [r2 + r3, m2 + m3, r2 - r3, m2 - m3];
        re[at] = pr + ur;
        im[at] = pm + um;
        re[i2] = pr - ur;
        im[i2] = pm - um;
        re[i1] = qr + vm;
        im[i1] = qm - vr;
        re[i3] = qr - vm;
        im[i3] = qm + vr;
      }
    }
  };
  const split = (): void => {
    const whole = 2 ** POWER_SHIFT;
    power[0] = square(Math.floor((re[0]! + im[0]! + whole / 2) / whole), 0);
    power[half] = square(Math.floor((re[0]! - im[0]! + whole / 2) / whole), 0);
    for (let k = 1; 2 * k <= half; k++) {
      const other = half - k;
      const er = re[k]! + re[other]!;
      const em = im[k]! - im[other]!;
      const dr = re[k]! - re[other]!;
      const dm = im[k]! + im[other]!;
      const [c, s] = [cosines[k]!, sines[k]!];
      const r = c * dm - s * dr;
      const m = c * dr + s * dm;
      power[k] = square(rounded(er * 32768 + r), rounded(em * 32768 - m));
      power[other] = square(rounded(er * 32768 - r), rounded(-em * 32768 - m));
    }
  };
  return {
    size,
    places: bitReversed(half),
    re,
    im,
    power,
    run: () => {
      let done = 1;
      if (Math.clz32(half) % 2 === 0) {
        radix2();
        done = 2;
      }
      for (; done < half; done *= 4) radix4(done);
      split();
    },
  };
}

/** A product with a Q15 factor, rounded. */
function turned(product: number): number {
  return Math.floor((product + 16384) / 32768);
}

/** Half of a Q15 value, rounded to what is squared. */
function rounded(value: number): number {
  return Math.floor((value + 2 ** (15 + POWER_SHIFT)) / 2 ** (16 + POWER_SHIFT));
}

function square(re: number, im: number): number {
  return re * re + im * im;
}

function bitReversed(count: number): Uint16Array {
  const places = new Uint16Array(count);
  for (let i = 1; i < count; i++)
    places[i] = (places[i >> 1]! >> 1) | (i % 2 === 1 ? count / 2 : 0);
  return places;
}
