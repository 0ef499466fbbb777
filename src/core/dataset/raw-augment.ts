/**
 * Random changes to raw samples, made before the front end sees them: what differs from one recording to the next though
 * the label stays. A change is a pure function of the generator it is given.
 */
import type { Random } from '../util/random';
import { openResampler, ROUGH } from './resample';

export interface RawAugmentation {
  /** Samples by which a window may begin earlier or later. */
  readonly timeShift: number;
  /** Share by which it may be faster or slower. */
  readonly speed: number;
  /** Decibels by which it may be louder or quieter. */
  readonly gain: number;
  readonly background?: Background;
}

export interface Background {
  /** Recordings, each [samples, channels]. */
  readonly recordings: readonly Int16Array[];
  /** Decibels by which the signal is above the noise: least and most. */
  readonly snr: readonly [number, number];
}

export interface Cutter {
  readonly length: number;
  readonly channels: number;
  /** Samples from `offset` behind the window's start on. */
  readonly cut: (offset: number, length: number) => Promise<Int16Array>;
}

/** Steps of speed: rates of the resampler are whole numbers. */
const SPEEDS = 100;

/** One changed window, [length, channels]. The numbers are drawn in this order, and those of what is not wanted are not drawn. */
export async function augmentWindow(
  { length, channels, cut }: Cutter,
  { timeShift, speed, gain, background }: RawAugmentation,
  random: Random,
): Promise<Int16Array> {
  const shift = timeShift === 0 ? 0 : random.int(2 * timeShift + 1) - timeShift;
  const steps = Math.round(SPEEDS * speed);
  const from = steps === 0 ? SPEEDS : SPEEDS + random.int(2 * steps + 1) - steps;
  const decibels = gain === 0 ? 0 : gain * (2 * random.next() - 1);
  const samples =
    from === SPEEDS
      ? await cut(shift, length)
      : await atSpeed({ length, channels, cut }, shift, from);
  if (decibels === 0 && background === undefined) return samples;
  const noise = background && drawNoise(background, length * channels, channels, random);
  return mix(samples, 10 ** (decibels / 20), noise);
}

/** The window with what is around its middle drawn together or apart. @param from of SPEEDS, so many fit into the time of SPEEDS */
async function atSpeed(
  { length, channels, cut }: Cutter,
  shift: number,
  from: number,
): Promise<Int16Array> {
  const wanted = Math.ceil((length * from) / SPEEDS);
  const source = await cut(shift + Math.floor((length - wanted) / 2), wanted);
  const samples = new Int16Array(length * channels);
  for (let channel = 0; channel < channels; channel++) {
    const plane = Float32Array.from({ length: wanted }, (_, i) => source[i * channels + channel]!);
    const resampler = await openResampler(from, SPEEDS, ROUGH);
    const parts = [resampler.push(plane), resampler.end()];
    let at = 0;
    for (const part of parts) {
      for (const count of part) {
        if (at < length) samples[at++ * channels + channel] = toInt16(count);
      }
    }
  }
  return samples;
}

interface Noise {
  readonly samples: Int16Array;
  readonly decibels: number;
}

function drawNoise(
  { recordings, snr: [low, high] }: Background,
  values: number,
  channels: number,
  random: Random,
): Noise | undefined {
  const recording = recordings[random.int(recordings.length)];
  const decibels = low + (high - low) * random.next();
  if (recording === undefined) return undefined;
  const start = channels * random.int(Math.max(1, (recording.length - values) / channels + 1));
  // What is too short is repeated.
  const samples = Int16Array.from(
    { length: values },
    (_, i) => recording[(start + i) % recording.length]!,
  );
  return { samples, decibels };
}

/** Below this a window is silence, of which there is no ratio to be kept. */
const SILENT_POWER = 10;

function mix(samples: Int16Array, factor: number, noise: Noise | undefined): Int16Array {
  let level = 0;
  if (noise !== undefined) {
    const signal = power(samples);
    const wanted = signal / 10 ** (noise.decibels / 10);
    const there = power(noise.samples);
    // In silence the noise is what there is to hear, as loud as it was recorded.
    level = there === 0 ? 0 : signal < SILENT_POWER ? 1 : Math.sqrt(wanted / there);
  }
  return samples.map((sample, i) => toInt16(factor * (sample + level * (noise?.samples[i] ?? 0))));
}

function power(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
}

function toInt16(count: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(count)));
}
