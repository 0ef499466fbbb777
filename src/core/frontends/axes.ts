/** What frames and features of a front end stand for, as people read it along the axes of a picture: times, and frequencies. */
import type { FrontendConfig, SpectralConfig } from './config';
import { layoutOf } from './frontends';
import { toMel } from './spectral/bands';

export interface Axis {
  /** What is measured along it: `time in ms`. */
  readonly title: string;
  /** Places between 0, where the first frame or feature begins, and 1, where the last one ends. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** So many ticks have room. */
const MOST_TICKS = 8;

/** Along the frames, each as wide as a hop. */
export function timeAxis(config: FrontendConfig): Axis {
  const { frames, hop } = layoutOf(config);
  const samples = frames * hop;
  const { sampleRate } = config;
  if (sampleRate === undefined) return { title: 'samples', ticks: stepped(samples, 1) };
  const seconds = samples / sampleRate;
  return seconds >= 2
    ? { title: 'time in s', ticks: stepped(seconds, 0) }
    : { title: 'time in ms', ticks: stepped(1000 * seconds, 0) };
}

/** Along the features of a frame. */
export function featureAxis(config: FrontendConfig): Axis {
  const { features } = layoutOf(config);
  switch (config.kind) {
    case 'log-mel':
      return { title: 'frequency in Hz', ticks: frequencies(config, features) };
    case 'mfcc':
      return {
        title: 'coefficient',
        ticks: stepped(features, 1).map(({ at, label }) => ({ at: at + 0.5 / features, label })),
      };
    case 'spectrum':
      return spectrumAxis(config, features);
    case 'window':
      return { title: 'channel', ticks: channelTicks(config.channels) };
  }
}

/** Several channels lie one on top of the other, too close for frequencies. */
function spectrumAxis(
  config: Extract<SpectralConfig, { kind: 'spectrum' }>,
  features: number,
): Axis {
  const { channels, bands, statistics } = config;
  if (channels > 1) {
    return { title: 'channel, each from low to high', ticks: channelTicks(channels) };
  }
  const behind =
    statistics.length === 0
      ? []
      : [{ at: (bands + statistics.length / 2) / features, label: 'statistics' }];
  const ticks = frequencies(config, features).filter(({ at }) => at < bands / features - 0.04);
  return { title: 'frequency in Hz', ticks: [...ticks, ...behind] };
}

function channelTicks(channels: number): Axis['ticks'] {
  const each = Math.ceil(channels / MOST_TICKS);
  return Array.from({ length: Math.ceil(channels / each) }, (_, i) => ({
    at: (i * each + 0.5) / channels,
    label: String(i * each + 1),
  }));
}

/** Round frequencies, each at the height of the band whose middle it is; bands are a frame's first features. */
function frequencies(config: SpectralConfig, features: number): Axis['ticks'] {
  const { bands, lowest, highest, kind } = config;
  const scale = kind === 'spectrum' ? (hertz: number) => hertz : toMel;
  const [low, high] = [scale(lowest), scale(highest)];
  const round =
    kind === 'spectrum'
      ? steps(highest, 0)
      : [1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power));
  const places = round.map((hertz) => ({
    // The first band's middle is the first inner edge.
    at: (((scale(hertz) - low) / (high - low)) * (bands + 1) - 0.5) / features,
    label: String(hertz),
  }));
  const within = places.filter(({ at }) => at >= 0 && at <= bands / features);
  return within.filter(({ at }, i) => i === 0 || at - within[i - 1]!.at > 0.06);
}

/** Ticks at multiples of a round step, from 0 on. */
function stepped(extent: number, least: number): Axis['ticks'] {
  return steps(extent, least).map((value) => ({ at: value / extent, label: String(value) }));
}

/** Multiples of 1, 2 or 5 times a power of ten below `extent`; the step is `least` or more. */
function steps(extent: number, least: number): number[] {
  const wanted = Math.max(extent / MOST_TICKS, least, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= wanted * 0.999) ?? wanted;
  return Array.from({ length: Math.ceil(extent / step - 1e-9) }, (_, i) =>
    Number((i * step).toPrecision(6)),
  );
}
