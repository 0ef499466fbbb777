import { describe, expect, it } from 'vitest';
import { featureAxis, timeAxis, type Axis } from '../../../src/core/frontends/axes';
import type { FrontendConfig } from '../../../src/core/frontends/config';
import { bandEdges } from '../../../src/core/frontends/spectral/bands';

const SOUND = {
  sampleRate: 16000,
  channels: 1,
  length: 16000,
  window: 512,
  hop: 320,
  bands: 32,
  lowest: 20,
  highest: 8000,
} as const;
const MEL: FrontendConfig = { kind: 'log-mel', ...SOUND };
const SPECTRUM: FrontendConfig = {
  kind: 'spectrum',
  ...SOUND,
  statistics: ['mean', 'rms', 'peak', 'crest', 'kurtosis'],
};

function labels({ ticks }: Axis): string[] {
  return ticks.map(({ label }) => label);
}

describe('the axis of time', () => {
  it('is in milliseconds of hops, in seconds for long examples, in samples without a rate', () => {
    // 49 frames of 20 ms.
    const { title, ticks } = timeAxis(MEL);
    expect(title).toBe('time in ms');
    expect(ticks.map(({ label }) => label)).toEqual(['0', '200', '400', '600', '800']);
    expect(ticks[1]?.at).toBeCloseTo(200 / 980);
    expect(timeAxis({ ...MEL, length: 80_000 })).toMatchObject({ title: 'time in s' });
    expect(timeAxis({ kind: 'window', length: 128, channels: 6 })).toMatchObject({
      title: 'samples',
      ticks: [0, 20, 40, 60, 80, 100, 120].map((n) => ({ label: String(n) })),
    });
    expect(labels(timeAxis({ kind: 'window', length: 128, channels: 6, sampleRate: 100 }))).toEqual(
      ['0', '200', '400', '600', '800', '1000', '1200'],
    );
  });
});

describe('the axis of features', () => {
  it('has round frequencies where the bands lie that have them in their middle', () => {
    for (const config of [MEL, SPECTRUM]) {
      const { title, ticks } = featureAxis(config);
      expect(title).toBe('frequency in Hz');
      const features = config === MEL ? 32 : 37;
      const edges = bandEdges(config);
      const known = ticks.filter(({ label }) => /^\d+$/.test(label));
      expect(known.length).toBeGreaterThan(3);
      for (const { at, label } of known) {
        // Half a band to either side.
        const band = at * features - 0.5;
        const hertz = Number(label);
        expect(edges[Math.floor(band) + 1]).toBeLessThanOrEqual(hertz);
        expect(edges[Math.ceil(band) + 1]).toBeGreaterThanOrEqual(hertz);
      }
    }
    expect(labels(featureAxis(SPECTRUM)).at(-1)).toBe('statistics');
  });

  it('counts coefficients and channels', () => {
    const mfcc: FrontendConfig = { kind: 'mfcc', ...SOUND, coefficients: 10 };
    expect(labels(featureAxis(mfcc))).toEqual(['0', '2', '4', '6', '8']);
    expect(labels(featureAxis({ kind: 'window', length: 128, channels: 6 }))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(labels(featureAxis({ ...SPECTRUM, channels: 3 }))).toEqual(['1', '2', '3']);
  });

  it('stays on the axis whatever the front end is', () => {
    for (let bands = 1; bands < 60; bands += 3) {
      for (const kind of ['log-mel', 'spectrum'] as const) {
        const config = { ...SOUND, kind, bands, statistics: [], highest: 200 * bands } as const;
        for (const { at } of [...featureAxis(config).ticks, ...timeAxis(config).ticks]) {
          expect(at >= 0 && at <= 1).toBe(true);
        }
      }
    }
  });
});
