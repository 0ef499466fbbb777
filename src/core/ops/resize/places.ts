/** Where in the input an output's value comes from, by the rules of TFLite's reference kernels, along one axis. */
import type { Corresponding } from './graph';

/** RESIZE_NEAREST_NEIGHBOR: for each place of the output the input's. Computed in float32, as TFLite does. */
export function nearestPlaces(input: number, output: number, align: Corresponding): number[] {
  const ends = align === 'ends' && output > 1;
  const scale = Math.fround(ends ? (input - 1) / (output - 1) : input / output);
  const offset = align === 'centers' ? 0.5 : 0;
  return Array.from({ length: output }, (_, i) => {
    const at = Math.fround(Math.fround(i + offset) * scale);
    const place = align === 'ends' ? Math.floor(at + 0.5) : Math.floor(at);
    return Math.max(0, Math.min(place, input - 1));
  });
}

/** One axis of RESIZE_BILINEAR: the lower of two places, the upper, and the upper's share of 1024. */
export interface Between {
  readonly lower: number;
  readonly upper: number;
  readonly share: number;
}

/** Steps of 1/1024 of the input for one of the output. */
export function bilinearStep(input: number, output: number, align: Corresponding): number {
  return align === 'ends' && output > 1
    ? Math.floor((1024 * (input - 1) + Math.floor((output - 1) / 2)) / (output - 1))
    : Math.floor((1024 * input + Math.floor(output / 2)) / output);
}

/** What is added to the place of output 0, in the same steps. */
export function bilinearOffset(step: number, align: Corresponding): number {
  return align === 'centers' ? Math.floor(step / 2) - 512 : 0;
}

export function bilinearPlaces(input: number, output: number, align: Corresponding): Between[] {
  const step = bilinearStep(input, output, align);
  const offset = bilinearOffset(step, align);
  return Array.from({ length: output }, (_, i) => {
    const at = i * step + offset;
    const lower = Math.max(Math.trunc(at / 1024), 0);
    const upper = Math.min(Math.trunc((at + 1023) / 1024), input - 1);
    return { lower, upper, share: at - 1024 * lower };
  });
}
