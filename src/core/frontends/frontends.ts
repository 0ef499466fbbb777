/** The front ends there are, and what everybody asks of one. */
import type { FrontendConfig } from './config';
import {
  CODE_SHIFT,
  LARGEST_FEATURE,
  LEAST_SPREAD,
  type FrameFunction,
  type FrontendLayout,
  type FrontendModel,
} from './frontend';
import { createLogMel } from './log-mel/execute';
import { createMfcc } from './mfcc/execute';
import { createSpectrum } from './spectrum/execute';
import { defined } from '../util/defined';
import { createWindow } from './window/execute';

/** How raw samples lie in memory: sample after sample, each [channels]. */
export interface RawWindow {
  readonly samples: number;
  readonly channels: number;
}

/** What one example is made of. */
export function rawWindow({ length, channels }: FrontendConfig): RawWindow {
  return { samples: length, channels };
}

export function layoutOf(config: FrontendConfig): FrontendLayout {
  const { length, channels } = config;
  const [window, hop] = config.kind === 'window' ? [1, 1] : [config.window, config.hop];
  return {
    samples: length,
    channels,
    window,
    hop,
    frames: Math.floor((length - window) / hop) + 1,
    features: featuresOf(config),
  };
}

function featuresOf(config: FrontendConfig): number {
  switch (config.kind) {
    case 'log-mel':
      return config.bands;
    case 'mfcc':
      return config.coefficients;
    case 'spectrum':
      return config.channels * (config.bands + config.statistics.length);
    case 'window':
      return config.channels;
  }
}

/** Frames and features of each: the same bytes as an input [frames, features, 1] and as a sequence [frames, features]. */
export function featureShape(config: FrontendConfig): readonly [frames: number, features: number] {
  const { frames, features } = layoutOf(config);
  return [frames, features];
}

/** What computes a frame; tables are made once. */
export function createFrame(config: FrontendConfig): FrameFunction {
  switch (config.kind) {
    case 'log-mel':
      return createLogMel(config);
    case 'mfcc':
      return createMfcc(config);
    case 'spectrum':
      return createSpectrum(config);
    case 'window':
      return createWindow(config);
  }
}

const frames = new WeakMap<FrontendConfig, FrameFunction>();

/** [frames, features] of one example of raw samples, before they become codes. */
export function computeFeatures(config: FrontendConfig, samples: Int16Array): Int32Array {
  let frame = frames.get(config);
  if (frame === undefined) {
    frame = createFrame(config);
    frames.set(config, frame);
  }
  const layout = layoutOf(config);
  if (samples.length !== layout.samples * layout.channels) {
    throw new Error(
      `The front end takes ${layout.samples * layout.channels} values, but got ${samples.length}.`,
    );
  }
  const features = new Int32Array(layout.frames * layout.features);
  for (let i = 0; i < layout.frames; i++) {
    frame(samples, i * layout.hop * layout.channels, features, i * layout.features);
  }
  return features;
}

/** Codes cover so many standard deviations on either side of a feature's mean. */
const DEVIATIONS = 4;

/**
 * The front end with the scale of each feature, from the features of the training examples: mean and spread over examples
 * and frames. A feature that never changes becomes code 128.
 */
export function measureFrontend(
  config: FrontendConfig,
  examples: Iterable<Int32Array>,
  counts?: readonly number[],
): FrontendModel {
  const { features } = layoutOf(config);
  const sums = new Float64Array(features);
  const squares = new Float64Array(features);
  const least = new Float64Array(features).fill(LARGEST_FEATURE);
  const most = new Float64Array(features).fill(-LARGEST_FEATURE);
  let rows = 0;
  for (const values of examples) {
    rows += values.length / features;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const f = i % features;
      sums[f]! += value;
      squares[f]! += value * value;
      if (value < least[f]!) least[f] = value;
      if (value > most[f]!) most[f] = value;
    }
  }
  const offset = new Int32Array(features);
  const scale = new Int32Array(features);
  for (let f = 0; f < features && rows > 0; f++) {
    const mean = sums[f]! / rows;
    const deviation = Math.sqrt(Math.max(0, squares[f]! / rows - mean * mean));
    const reach = Math.max(most[f]! - mean, mean - least[f]!);
    const spread = Math.max(LEAST_SPREAD, Math.min(DEVIATIONS * deviation, reach));
    offset[f] = Math.round(mean);
    scale[f] = reach > 0 ? Math.round((128 / spread) * 2 ** CODE_SHIFT) : 0;
  }
  return { config, offset, scale, ...defined({ counts }) };
}

/** The codes of an example's features, 0 … 255, as pixels of a picture are. */
export function toCodes(
  { offset, scale }: Pick<FrontendModel, 'offset' | 'scale'>,
  features: Int32Array,
  codes: Uint8Array,
): void {
  const one = 2 ** CODE_SHIFT;
  for (let i = 0; i < features.length; i++) {
    const f = i % offset.length;
    const steps = Math.floor(((features[i]! - offset[f]!) * scale[f]! + one / 2) / one);
    codes[i] = Math.max(0, Math.min(255, 128 + steps));
  }
}
