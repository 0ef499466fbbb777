/** Of each axis the logarithms of bands of its spectrum, and statistics of its samples, the mean taken out of both. */
import { STATISTICS, type SpectrumConfig } from '../config';
import type { FrameFunction } from '../frontend';
import { fixedLog2 } from '../spectral/fixed-point';
import { createLogBands } from '../spectral/log-bands';

/** Bits that deviations are cut to before their fourth powers are added up. */
const DEVIATION_BITS = 10;

export function createSpectrum(config: SpectrumConfig): FrameFunction {
  const { channels, bands, statistics, window } = config;
  const logBands = bands > 0 ? createLogBands(config) : undefined;
  const chosen = statistics.map((name) => STATISTICS.indexOf(name));
  return (samples, at, features, to) => {
    let next = to;
    for (let channel = 0; channel < channels; channel++) {
      const values = statisticsOf(samples, at + channel, window, channels);
      logBands?.(samples, at + channel, values[0]!, features, next);
      next += bands;
      for (const statistic of chosen) features[next++] = values[statistic]!;
    }
  };
}

/** In the order of STATISTICS: the mean in counts, the others as logarithms of squares (rms, peak, crest) or ratios. */
function statisticsOf(samples: Int16Array, at: number, count: number, stride: number): number[] {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += samples[at + i * stride]!;
  // Rounded half up, by a division of what is not negative.
  const mean = Math.floor((sum + 32768 * count + (count >> 1)) / count) - 32768;
  let squares = 0;
  let peak = 0;
  for (let i = 0; i < count; i++) {
    const deviation = samples[at + i * stride]! - mean;
    squares += deviation * deviation;
    peak = Math.max(peak, Math.abs(deviation));
  }
  const shift = Math.max(0, 32 - Math.clz32(peak) - DEVIATION_BITS);
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < count; i++) {
    const deviation = Math.abs(samples[at + i * stride]! - mean) >> shift;
    const square = deviation * deviation;
    second += square;
    fourth += square * square;
  }
  const [energy, largest, number] = [fixedLog2(squares), fixedLog2(peak), fixedLog2(count)];
  return [
    mean,
    energy,
    2 * largest,
    2 * largest - energy + number,
    fixedLog2(fourth) - 2 * fixedLog2(second) + number,
  ];
}
