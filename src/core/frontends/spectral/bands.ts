/**
 * Triangular filters that overlap by half: between two neighbouring edges every bin of the spectrum counts for the band that
 * rises there with its weight, for the one that falls with the rest of 1. So a weight for each bin is all there is to store.
 */
import type { SpectralConfig } from '../config';
import { transformSize } from './fft';
import { highPart, lowPart, type Wide } from './fixed-point';

/** Fraction bits of a weight: power (52 bits) times weight fits 64 bits, of all bins together. */
export const WEIGHT_BITS = 12;
const ONE = 2 ** WEIGHT_BITS;

export interface FilterBank {
  /** [bands + 2]: the first bin of each stretch between two edges, and where the last one ends. */
  readonly starts: Uint16Array;
  /** Of each bin from the first start on, for the band that rises, Q12. */
  readonly weights: Uint16Array;
}

/** HTK's scale, as most implementations have it: 2595 · log10(1 + f / 700). */
export function toMel(hertz: number): number {
  return 2595 * Math.log10(1 + hertz / 700);
}

export function fromMel(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}

/** Frequencies of the bands' edges: evenly spaced as the ear hears for sound, in hertz for what vibrates. */
export function bandEdges({ kind, bands, lowest, highest }: SpectralConfig): number[] {
  const [to, from] = kind === 'spectrum' ? [same, same] : [toMel, fromMel];
  const [low, high] = [to(lowest), to(highest)];
  return Array.from({ length: bands + 2 }, (_, i) => from(low + ((high - low) * i) / (bands + 1)));
}

function same(hertz: number): number {
  return hertz;
}

export function filterBank(config: SpectralConfig): FilterBank {
  const edges = bandEdges(config);
  const size = transformSize(config.window);
  const hertz = (bin: number): number => (bin * config.sampleRate) / size;
  const bins = Array.from({ length: size / 2 + 1 }, (_, bin) => bin);
  const starts = edges.map((edge) => bins.find((bin) => hertz(bin) >= edge) ?? bins.length);
  const [first = 0] = starts;
  const last = starts.at(-1) ?? first;
  const weights = bins.slice(first, last).map((bin) => {
    const i = starts.findLastIndex((start) => start <= bin);
    const [from, to] = [edges[i]!, edges[i + 1]!];
    return Math.round((ONE * (hertz(bin) - from)) / (to - from));
  });
  return { starts: Uint16Array.from(starts), weights: Uint16Array.from(weights) };
}

/** Bands into which no bin falls: what they measure is always nothing. */
export function emptyBands({ starts }: FilterBank): number {
  return Array.from(starts.subarray(2)).filter((end, i) => end === starts[i]).length;
}

/** Hands out the energy of each band, which has up to 64 bits. */
export function eachBand(
  { starts, weights }: FilterBank,
  power: Float64Array,
  put: (band: number, energy: Wide) => void,
): void {
  const first = starts[0] ?? 0;
  let risenHigh = 0;
  let risenLow = 0;
  for (let i = 0; i + 1 < starts.length; i++) {
    let [allHigh, allLow, upHigh, upLow] = [0, 0, 0, 0];
    for (let bin = starts[i]!; bin < starts[i + 1]!; bin++) {
      const value = power[bin]!;
      const weight = weights[bin - first]!;
      const high = highPart(value);
      const low = lowPart(value);
      allHigh += high;
      allLow += low;
      upHigh += high * weight;
      upLow += low * weight;
    }
    if (i > 0) {
      put(i - 1, {
        high: risenHigh + allHigh * ONE - upHigh,
        low: risenLow + allLow * ONE - upLow,
      });
    }
    [risenHigh, risenLow] = [upHigh, upLow];
  }
}
