/** Front ends and raw samples of many kinds, for tests of what computes them. */
import type { FrontendConfig, FrontendFile } from '../../../src/core/frontends/config';
import { rawWindow } from '../../../src/core/frontends/frontends';
import { resolveFrontend } from '../../../src/core/frontends/resolve';
import { createRandom } from '../../../src/core/util/random';

/** Throws Error where something is wrong with the config. */
export function frontend(file: FrontendFile): FrontendConfig {
  const config = resolveFrontend(file, (key, message, severity) => {
    if (severity !== 'warning') throw new Error(`${key}: ${message}`);
  });
  if (config === undefined) throw new Error('The front end is not sound.');
  return config;
}

/** Each kind, transforms whose size is a power of four and such whose size is not, the smallest and the largest. */
export const FRONTENDS: Readonly<Record<string, FrontendConfig>> = {
  'log-mel': frontend({ kind: 'log-mel', sampleRate: 16000, length: '300 ms' }),
  mfcc: frontend({
    kind: 'mfcc',
    sampleRate: 8000,
    length: '250 ms',
    window: '32 ms',
    hop: '16 ms',
    bands: 20,
    coefficients: 10,
    lowest: 100,
  }),
  spectrum: frontend({
    kind: 'spectrum',
    sampleRate: 3200,
    length: 700,
    window: 100,
    hop: 75,
    channels: 3,
  }),
  apart: frontend({ kind: 'log-mel', sampleRate: 16000, length: 3000, window: 200, hop: 350 }),
  least: frontend({ kind: 'spectrum', sampleRate: 50, length: 9, window: 5, hop: 1, bands: 2 }),
  most: frontend({ kind: 'spectrum', sampleRate: 48000, length: 6144, window: 4096, hop: 1024 }),
  statistics: frontend({
    kind: 'spectrum',
    sampleRate: 100,
    length: 64,
    window: 16,
    channels: 2,
    bands: 0,
    statistics: ['kurtosis', 'mean'],
  }),
  window: frontend({ kind: 'window', length: 40, channels: 6 }),
};

/** Silence, the ends of the range, what overflows first where something does, and sounds of all loudness. */
export function rawExamples(config: FrontendConfig, random = 6): Int16Array[] {
  const { samples, channels } = rawWindow(config);
  const make = (value: (i: number) => number): Int16Array =>
    Int16Array.from({ length: samples * channels }, (_, i) => Math.round(value(i)));
  const hostile = [
    make(() => 0),
    make(() => 32767),
    make(() => -32768),
    make((i) => (i % 2 === 0 ? 32767 : -32768)),
    make((i) => (Math.floor(i / 4) % 2 === 0 ? 32767 : -32768)),
    make((i) => (Math.floor(i / 37) % 2 === 0 ? -32768 : 32767)),
    make((i) => (i === Math.floor(samples / 3) ? 32767 : 0)),
    make((i) => (i === Math.floor(samples / 3) ? -32768 : 32767)),
    make((i) => (i % 97 === 0 ? 1 : 0)),
    make((i) => 32767 * Math.sin(i * i * 1e-4)),
  ];
  const noises = Array.from({ length: random }, (_, n) => {
    const { next, normal } = createRandom(n + 1);
    const loudness = 2 ** (15 * next());
    const pitch = next();
    return make((i) =>
      Math.max(-32768, Math.min(32767, loudness * (Math.sin(pitch * i) + 0.3 * normal()))),
    );
  });
  return [...hostile, ...noises];
}
