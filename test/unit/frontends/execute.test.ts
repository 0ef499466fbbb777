import { describe, expect, it } from 'vitest';
import type { FrontendConfig, FrontendFile } from '../../../src/core/frontends/config';
import {
  computeFeatures,
  featureShape,
  measureFrontend,
  rawWindow,
  toCodes,
} from '../../../src/core/frontends/frontends';
import { resolveFrontend } from '../../../src/core/frontends/resolve';
import { createRandom } from '../../../src/core/util/random';

const SOUND: FrontendFile = { kind: 'log-mel', sampleRate: 16000, length: '1 s' };

function resolved(file: FrontendFile): FrontendConfig {
  const problems: string[] = [];
  const config = resolveFrontend(file, (key, message) => problems.push(`${key}: ${message}`));
  expect(problems).toEqual([]);
  return config!;
}

function tone(count: number, hertz: number, amplitude: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * i) / 16000)),
  );
}

describe('a front end', () => {
  it('is laid out by what its frames cover', () => {
    const config = resolved(SOUND);
    expect(config).toMatchObject({ window: 480, hop: 320, bands: 40, highest: 8000 });
    expect(rawWindow(config)).toEqual({ samples: 15840, channels: 1 });
    expect(featureShape(config)).toEqual([49, 40]);
    expect(resolved(config)).toEqual(config);
  });

  it('hears a tone in the band of its frequency, twice the amplitude as 2 in the logarithm', () => {
    const config = resolved(SOUND);
    const [, bands] = featureShape(config);
    const features = computeFeatures(config, tone(15840, 1000, 8000));
    const louder = computeFeatures(config, tone(15840, 1000, 16000));
    const frame = Array.from(features.subarray(20 * bands, 21 * bands));
    const band = frame.indexOf(Math.max(...frame));
    // 1000 Hz is 1000 mel, of bands whose centres lie evenly between those of 20 and of 8000 Hz.
    expect(band).toBe(13);
    expect(louder[20 * bands + band]! - frame[band]!).toBeCloseTo(2048, -1);
  });

  it('gives codes around 128 with the spread of each feature, and 128 for what never changes', () => {
    const config = resolved(SOUND);
    const random = createRandom(1);
    const examples = Array.from({ length: 4 }, () =>
      Int32Array.from({ length: 49 * 40 }, (_, i) =>
        i % 40 === 7 ? 500 : Math.round(20000 + 3000 * random.normal()),
      ),
    );
    const model = measureFrontend(config, examples);
    const codes = new Uint8Array(49 * 40);
    toCodes(model, examples[0]!, codes);
    const others = Array.from(codes).filter((_, i) => i % 40 !== 7);
    const mean = others.reduce((sum, c) => sum + c, 0) / others.length;
    expect(mean).toBeCloseTo(128, -1);
    expect(Array.from(codes).filter((code, i) => i % 40 === 7 && code !== 128)).toEqual([]);
    expect(others.filter((code) => Math.abs(code - 128) > 96).length).toBeLessThan(100);
  });

  it.each([
    [{ ...SOUND, sampleRate: undefined }, /needs "sampleRate"/],
    [{ ...SOUND, window: '2 s' }, /window: is 32000 samples; there can be at most 4096/],
    [{ ...SOUND, coefficients: 13 }, /coefficients: is not for log-mel/],
    [{ ...SOUND, channels: 2 }, /channels: is not for log-mel/],
    [{ ...SOUND, highest: 9000 }, /highest: is 9000 Hz/],
    [{ ...SOUND, kind: 'mfcc', coefficients: 50 }, /of 40 bands there are at most 40/],
    [{ kind: 'window', length: '1 s' }, /length: a time needs "sampleRate"/],
    [{ ...SOUND, bands: 200 }, /bands are narrower/],
  ] as [FrontendFile, RegExp][])('refuses %o', (file, message) => {
    const problems: string[] = [];
    resolveFrontend(file, (key, text) => problems.push(`${key}: ${text}`));
    expect(problems.join('\n')).toMatch(message);
  });
});
