/**
 * The contract of a front end: what turns raw samples into the network's input, the same integers here and in C. What a
 * kind has alone is in its folder, `execute.ts` (exact integers) beside its C; what those of sound and motion share is in `spectral/`,
 * and `emit.ts` writes the tables of all.
 */
import type { FrontendConfig } from './config';

/** How an example of raw samples becomes frames of features. */
export interface FrontendLayout {
  /** Of one example: (frames − 1) · hop + window. */
  readonly samples: number;
  readonly channels: number;
  /** Samples of one frame, and from one to the next. */
  readonly window: number;
  readonly hop: number;
  readonly frames: number;
  /** Of a frame. */
  readonly features: number;
}

/**
 * A front end with what was measured of its features on the training set: the code of feature f of a frame, as the pixel of
 * a picture, is clamp(128 + ((value − offset[f]) · scale[f] + half) >> CODE_SHIFT, 0, 255). The network's int8 input is that
 * code − 128.
 */
export interface FrontendModel {
  readonly config: FrontendConfig;
  readonly offset: Int32Array;
  readonly scale: Int32Array;
  /** Counts that a unit of the sensor is, for each channel, where the data is not in int16 counts: round(value · counts). */
  readonly counts?: readonly number[];
}

/** Features are integers of at most this magnitude; with the scales of `measureFrontend` a code needs 53 bits on the way. */
export const LARGEST_FEATURE = 2 ** 24;
export const CODE_SHIFT = 20;
/** A feature that spreads less is not magnified any further; and so that scales stay below 2²³ · 128. */
export const LEAST_SPREAD = 16;

/** The features of one frame: `samples` from `at` on are [window, channels]; the features go to `features` from `to` on. */
export type FrameFunction = (
  samples: Int16Array,
  at: number,
  features: Int32Array,
  to: number,
) => void;
