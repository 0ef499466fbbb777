/** One frame of one channel: windowed, transformed, its bands' energies as logarithms. What the spectral kinds share. */
import type { SpectralConfig } from '../config';
import { eachBand, filterBank } from './bands';
import { createTransform, fractionBits, hannHalf, transformSize } from './fft';
import { fixedLog2Wide } from './fixed-point';

/** @param mean subtracted from every sample */
export type LogBands = (
  samples: Int16Array,
  at: number,
  mean: number,
  bands: Int32Array,
  to: number,
) => void;

export function createLogBands(config: SpectralConfig): LogBands {
  const { window, channels } = config;
  const size = transformSize(window);
  const transform = createTransform(size);
  const { places, re, im, power } = transform;
  const half = hannHalf(window);
  const weights = Float64Array.from({ length: window }, (_, i) => half[Math.min(i, window - i)]!);
  const bank = filterBank(config);
  const shift = 15 - fractionBits(size, config.kind === 'spectrum');
  const divisor = 2 ** shift;
  return (samples, at, mean, bands, to) => {
    const value = (i: number): number => {
      if (i >= window) return 0;
      const product = (samples[at + i * channels]! - mean) * weights[i]!;
      return Math.floor((product + divisor / 2) / divisor);
    };
    for (let pair = 0; pair < size / 2; pair++) {
      const place = places[pair]!;
      re[place] = value(2 * pair);
      im[place] = value(2 * pair + 1);
    }
    transform.run();
    eachBand(bank, power, (band, energy) => {
      bands[to + band] = fixedLog2Wide(energy);
    });
  };
}
