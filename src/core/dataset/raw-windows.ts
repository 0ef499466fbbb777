/**
 * Examples of raw samples, each a window of a recording, before a front end makes the network's input of them. They are cut out
 * of their recordings one after another, so that a set of them is never in memory as samples. Until it is known which of
 * them are for what, a set of examples holds their numbers in place of data.
 */
import type { Samples } from './dataset';
import { defined } from '../util/defined';
import { allocateFloats } from './memory';

export interface RawWindows {
  /** Samples of each channel a second, where that is known. */
  readonly sampleRate?: number;
  /** Counts of int16 that a unit of the recordings is, for each channel, where they are in units of their own. */
  readonly counts?: readonly number[];
  /**
   * `length` samples of all channels, [length, channels], from `offset` samples behind the start of window `number` on; zeros
   * where the recording has none. Quick where one asks for windows in their order.
   */
  cut(number: number, offset: number, length: number): Promise<Int16Array>;
  /**
   * Sentences for the user about the recordings that have been read; usually none.
   * @param set what the set of them is called
   */
  notes(set: string): string[];
}

/** First sample of each of the windows of `length` samples, `step` apart, in a stretch from `from` to `to`. */
export function windowsIn(from: number, to: number, length: number, step: number): number[] {
  // What is shorter lies in the middle of a window, amid what is around it.
  if (to - from <= length) return [from - Math.floor((length - (to - from)) / 2)];
  const starts: number[] = [];
  for (let start = from; start + length <= to; start += step) starts.push(start);
  // More than half a window at the end is too much to lose.
  const rest = to - (starts.at(-1)! + length);
  if (2 * rest > length) starts.push(to - length);
  return starts;
}

/** Of `source`, [samples, channels], what lies from sample `from` on; zeros where nothing does. */
export function cutOut(
  source: Int16Array,
  channels: number,
  from: number,
  length: number,
): Int16Array {
  const cut = new Int16Array(length * channels);
  const first = Math.max(0, from);
  const last = Math.min(source.length / channels, from + length);
  if (first < last) {
    cut.set(source.subarray(first * channels, last * channels), (first - from) * channels);
  }
  return cut;
}

/** A set of examples that holds the numbers of windows. */
export function numberedSamples(
  targets: Float32Array,
  count: number,
  subjects?: Uint32Array,
): Samples {
  const data = allocateFloats(count);
  for (let i = 0; i < count; i++) data[i] = i;
  return {
    count,
    shape: [1, 1, 1],
    data,
    targets,
    ...defined({ subjects }),
  };
}
