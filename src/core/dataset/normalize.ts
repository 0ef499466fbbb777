/** What the config says of the numbers that a network expects (dataset.normalize), made into what is done to examples. */
import type { NormalizeConfig } from '../config/config';
import { UserError } from '../util/errors';
import type { Dataset, Normalization, Samples } from './dataset';

/** What bytes, 0 … 255, are brought to first: (x − mean) ÷ std. */
const RANGES = {
  '0..255': { mean: 0, std: 1 },
  '0..1': { mean: 0, std: 255 },
  '-1..1': { mean: 127.5, std: 127.5 },
} as const satisfies Readonly<
  Record<NonNullable<NormalizeConfig['range']>, { mean: number; std: number }>
>;

/** What networks for pictures are usually trained with: Keras' and torchvision's preprocessing among them. */
export const USUAL_NORMALIZATIONS: readonly NormalizeConfig[] = [
  { range: '0..255' },
  { range: '0..1' },
  { range: '-1..1' },
  { range: '0..1', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { range: '0..255', mean: [103.939, 116.779, 123.68], order: 'bgr' },
];

/** As one mean and one deviation of the stored numbers, or one for each channel. */
function overStored({
  range = '0..255',
  mean = 0,
  std = 1,
}: NormalizeConfig): Pick<Normalization, 'mean' | 'std'> {
  const first = RANGES[range];
  return {
    mean: listed(mean).map((m) => first.mean + m * first.std),
    std: listed(std).map((s) => s * first.std),
  };
}

function listed(value: number | readonly number[]): readonly number[] {
  const list = typeof value === 'number' ? [value] : value;
  return list.every((n) => n === list[0]) ? list.slice(0, 1) : list;
}

/**
 * Bytes with one mean and one deviation stay what they are, so that the int8 input is exactly pixel − 128: the mean is taken
 * as the nearest whole grey level then, half a level away at most.
 * @throws UserError where there are as many numbers as the examples have no channels
 */
export function normalizationFrom(
  setting: NormalizeConfig,
  samples: Pick<Samples, 'shape' | 'data'>,
): Normalization {
  const { mean: means, std: deviations } = overStored(setting);
  const channels = samples.shape[2];
  for (const [key, { length }] of [['mean', means] as const, ['std', deviations] as const]) {
    if (length === 1 || length === channels) continue;
    throw new UserError(
      `dataset.normalize.${key} has ${length} numbers; it needs one, or one for each of the ${channels} channels`,
    );
  }
  const [grey = NaN] = means;
  const bytes = samples.data instanceof Uint8Array;
  const whole = Math.round(grey);
  const plain = means.length === 1 && deviations.length === 1 && whole >= 0 && whole <= 255;
  return bytes && plain
    ? { kind: 'uint8', mean: [whole], std: deviations }
    : { kind: 'float', mean: means, std: deviations };
}

/** The examples as the network is to see them. @throws UserError where the setting does not suit them */
export function normalizedBy(dataset: Dataset, setting: NormalizeConfig): Dataset {
  const normalization = normalizationFrom(setting, dataset.train);
  if (setting.order !== 'bgr') return { ...dataset, normalization };
  if (dataset.shape[2] !== 3) {
    throw new UserError(
      `dataset.normalize: only pictures of 3 channels have an order of colours, these have ${dataset.shape[2]}`,
    );
  }
  return {
    ...dataset,
    normalization,
    train: reversed(dataset.train),
    validation: reversed(dataset.validation),
    test: reversed(dataset.test),
  };
}

/** In place, blue and red exchanged: sets are too large to be in memory twice. */
function reversed(samples: Samples): Samples {
  const { data } = samples;
  for (let i = 0; i + 2 < data.length; i += 3) {
    const first = data[i]!;
    data[i] = data[i + 2]!;
    data[i + 2] = first;
  }
  return samples;
}
