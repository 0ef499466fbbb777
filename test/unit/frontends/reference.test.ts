/**
 * Front ends against independent implementations in doubles: torchaudio's mel spectrograms and scipy's transforms and statistics
 * (bench/golden/frontends.py), of sounds made here again by the same rule.
 */
import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/core/frontends/frontends';
import { fractionBits } from '../../../src/core/frontends/spectral/fft';
import { frontend } from './examples';
import golden from './golden.json';

function sound(count: number, rate: number): Int16Array {
  let state = 12345n;
  return Int16Array.from({ length: count }, (_, i) => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    const noise = Number(state) / 2 ** 30 - 1;
    const t = i / rate;
    return Math.round(
      6000 * Math.sin(2 * Math.PI * (200 + 900 * t) * t) +
        3000 * Math.sin(((2 * Math.PI * rate) / 5) * t) +
        800 * noise,
    );
  });
}

/** log2 of the energies in counts, of features in Q10 that have so many fraction bits and weights in Q12. */
function logarithms(features: Int32Array, fraction: number): number[] {
  return Array.from(features, (value) => value / 1024 - 12 - 2 * (fraction - 4));
}

function largestError(found: readonly number[], expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(found[i]! - value)));
}

const frames = { sampleRate: 16000, length: 2080, window: 480, hop: 320, bands: 40 } as const;

describe('front ends against other implementations', () => {
  it('log-mel is within 0.01 of torchaudio, an energy within 0.7 %', () => {
    const config = frontend({ kind: 'log-mel', ...frames });
    const found = logarithms(computeFeatures(config, sound(2080, 16000)), fractionBits(512, false));
    expect(largestError(found, golden.logMel.flat())).toBeLessThan(0.01);
  });

  it('mfcc is within 0.01 of the cosine transform of torchaudio’s logarithms, the sum of all of them within 0.1', () => {
    const config = frontend({ kind: 'mfcc', ...frames });
    const features = computeFeatures(config, sound(2080, 16000));
    // What all logarithms have more is in the first coefficient alone.
    const more = (12 + 2 * (fractionBits(512, false) - 4)) * Math.sqrt(40);
    const found = Array.from(features, (value, i) => value / 1024 - (i % 13 === 0 ? more : 0));
    // The first one is some 270, of which the table's Q14 leaves 0.02 %.
    const isFirst = (_: number, i: number): boolean => i % 13 === 0;
    const isOther = (_: number, i: number): boolean => i % 13 !== 0;
    const expected = golden.mfcc.flat();
    expect(largestError(found.filter(isFirst), expected.filter(isFirst))).toBeLessThan(0.1);
    expect(largestError(found.filter(isOther), expected.filter(isOther))).toBeLessThan(0.01);
  });

  it('spectrum and its statistics are within 0.01 of scipy', () => {
    const config = frontend({
      kind: 'spectrum',
      sampleRate: 1600,
      length: 256,
      window: 256,
      bands: 8,
      statistics: ['rms', 'crest', 'kurtosis'],
    });
    const features = computeFeatures(config, sound(256, 1600));
    const bands = logarithms(features.subarray(0, 8), fractionBits(256, true));
    expect(largestError(bands, golden.spectrum)).toBeLessThan(0.01);
    const [rms, crest, kurtosis] = Array.from(features.subarray(8), (value) => value / 1024);
    const { statistics } = golden;
    expect(Math.abs(rms! - statistics.rms)).toBeLessThan(0.01);
    expect(Math.abs(crest! - statistics.crest)).toBeLessThan(0.01);
    expect(Math.abs(kurtosis! - statistics.kurtosis)).toBeLessThan(0.01);
  });
});
