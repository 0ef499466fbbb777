/** RAM that a front end takes: in the arena and beside it. */
import { type FrontendConfig } from './config';
import { layoutOf } from './frontends';
import { transformSize } from './spectral/fft';

/** Bytes that a frame needs while it is computed: the arena has them, which is idle then, or keeps what a stream needs. */
export function workBytes(config: FrontendConfig): number {
  const { features } = layoutOf(config);
  if (config.kind === 'window') return 4 * features;
  const values = transformSize(config.window) + 2;
  return 4 * (features + values + (config.kind === 'mfcc' ? config.bands : 0));
}

/**
 * Bytes of the arena, which a front end needs to be as large as its work.
 *
 * @param step frames of a step, where the network runs along a stream: its arena is never idle
 */
export function arenaWith(
  arena: number,
  config: FrontendConfig | undefined,
  step: number | undefined,
): number {
  return config === undefined || step !== undefined ? arena : Math.max(arena, workBytes(config));
}

/**
 * Bytes of RAM beside the arena: the newest samples, the codes of an example (of a step, along a stream), and how many hops have
 * been pushed; along a stream what a frame needs, too.
 */
export function frontendState(
  config: FrontendConfig | undefined,
  step: number | undefined,
): number {
  if (config === undefined) return 0;
  const { window, channels, frames, features } = layoutOf(config);
  const work = step === undefined ? 0 : workBytes(config);
  return 2 * window * channels + (step ?? frames) * features + 4 + work;
}
