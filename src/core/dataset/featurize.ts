/** Numbers of windows become examples: raw samples are cut out, changed where they are to be learned from, and put through the front end. */
import {
  computeFeatures,
  featureShape,
  measureFrontend,
  rawWindow,
  toCodes,
} from '../frontends/frontends';
import type { FrontendConfig } from '../frontends/config';
import type { FrontendModel } from '../frontends/frontend';
import type { Shape } from '../ops/shape';
import { createRandom, mixSeed, permutation } from '../util/random';
import type { Normalization, RawTest, Samples } from './dataset';
import { allocateBytes } from './memory';
import { breathe } from './progress';
import { augmentWindow, type RawAugmentation } from './raw-augment';
import type { RawWindows } from './raw-windows';
import { targetOf, targetSize } from './targets';

// Keep the streams of one seed apart.
const CHANGE = 0x31;
const MEASURE = 0x32;
const KEEP = 0x33;

/** Training windows on which the features are measured; more tell nothing new. */
const MOST_MEASURED = 512;
/** Test windows whose samples are kept, to verify the way from them. */
const MOST_KEPT = 64;
const CHUNK = 64;

export interface FeatureSets {
  readonly train: Samples;
  readonly validation: Samples;
  readonly test: Samples;
}

export interface Featurized extends FeatureSets {
  readonly normalization: Normalization;
  readonly frontend: FrontendModel;
  readonly rawTest: RawTest;
}

export interface Featurizing {
  readonly config: FrontendConfig;
  /** As the network takes it: the same bytes whatever its rank. */
  readonly shape: Shape;
  readonly windows: { readonly train: RawWindows; readonly test: RawWindows };
  /** Undefined: training windows are taken as they are. */
  readonly augmentation: RawAugmentation | undefined;
  /** How often each training window is there: once as it is, and changed the other times. */
  readonly variants: number;
  readonly seed: number;
  readonly report: (set: keyof FeatureSets, done: number, total: number) => void;
}

/** @param sets whose data are numbers of windows; those of validation are training windows */
export async function featurize(sets: FeatureSets, setting: Featurizing): Promise<Featurized> {
  const { config, windows, seed } = setting;
  const { train, validation, test } = sets;
  const measured = permutation(train.count, mixSeed(seed, MEASURE)).slice(0, MOST_MEASURED).sort();
  const { samples: length } = rawWindow(config);
  const features: Int32Array[] = [];
  for (const index of measured) {
    const samples = await windows.train.cut(train.data[index]!, 0, length);
    features.push(computeFeatures(config, samples));
    if (features.length % CHUNK === 0) await breathe();
  }
  const frontend = measureFrontend(config, features, windows.train.counts);
  const variants = setting.augmentation === undefined ? 1 : setting.variants;
  const kept = permutation(test.count, mixSeed(seed, KEEP)).slice(0, MOST_KEPT).sort();
  const raw: Int16Array[] = [];
  const made = {
    train: await codesOf(train, 'train', windows.train, { ...setting, frontend, variants }),
    validation: await codesOf(validation, 'validation', windows.train, {
      ...setting,
      frontend,
      variants: 1,
    }),
    test: await codesOf(test, 'test', windows.test, {
      ...setting,
      frontend,
      variants: 1,
      look: (index, samples) => {
        if (kept.includes(index)) raw.push(samples);
      },
    }),
  };
  return {
    ...made,
    normalization: codeNormalization(made.train.data),
    frontend,
    rawTest: { indices: kept, data: joined(raw), window: rawWindow(config) },
  };
}

interface Coding extends Featurizing {
  readonly frontend: FrontendModel;
  readonly look?: (index: number, samples: Int16Array) => void;
}

async function codesOf(
  samples: Samples,
  set: keyof FeatureSets,
  windows: RawWindows,
  setting: Coding,
): Promise<Samples> {
  const { config, frontend, shape, augmentation, variants, seed, look, report } = setting;
  const { samples: length, channels } = rawWindow(config);
  const [frames, features] = featureShape(config);
  const size = frames * features;
  const data = allocateBytes(samples.count * variants * size);
  const width = targetSize(samples);
  const targets = new Float32Array(samples.count * variants * width);
  for (let i = 0; i < samples.count; i++) {
    const number = samples.data[i]!;
    for (let variant = 0; variant < variants; variant++) {
      const plain = variant === 0 || augmentation === undefined;
      const raw = plain
        ? await windows.cut(number, 0, length)
        : await augmentWindow(
            { length, channels, cut: (from, count) => windows.cut(number, from, count) },
            augmentation,
            createRandom(mixSeed(seed, CHANGE, number, variant)),
          );
      if (plain) look?.(i, raw);
      const at = i * variants + variant;
      toCodes(frontend, computeFeatures(config, raw), data.subarray(at * size, (at + 1) * size));
      targets.set(targetOf(samples, i), at * width);
    }
    if ((i + 1) % CHUNK !== 0) continue;
    report(set, i + 1, samples.count);
    await breathe();
  }
  report(set, samples.count, samples.count);
  return { count: samples.count * variants, shape, data, targets };
}

/** The int8 input is code − 128 exactly, so the mean is 128; codes spread about it as the training set's do. */
function codeNormalization(data: Samples['data']): Normalization {
  let squares = 0;
  for (const code of data) squares += (code - 128) ** 2;
  const std = Math.sqrt(squares / Math.max(1, data.length));
  return { kind: 'uint8', mean: [128], std: [std > 0 ? std : 1] };
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
