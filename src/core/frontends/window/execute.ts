/** Samples as they are: what is left is to scale them, which all front ends do at the end. */
import type { WindowConfig } from '../config';
import type { FrameFunction } from '../frontend';

/** A frame is one sample of all channels. */
export function createWindow({ channels }: WindowConfig): FrameFunction {
  return (samples, at, features, to) => {
    for (let channel = 0; channel < channels; channel++) {
      features[to + channel] = samples[at + channel]!;
    }
  };
}
