/** How stored values become the network's input, and how that is measured; see Normalization for the rule and why. */
import { UserError } from '../util/errors';
import type { Normalization, Samples } from './dataset';

/** What is said wherever results rest on a guess. */
export const GUESSED =
  'what the network expects of its input is a guess, for the model file does not say it and labels leave it open; set dataset.normalize to what it ' +
  'was trained with';

/** A stored value as the network's input; `index`: its place in the example, channels innermost. */
export function normalized({ mean, std }: Normalization, value: number, index: number): number {
  return (value - mean[index % mean.length]!) / std[index % std.length]!;
}

/**
 * From the training examples. `uint8`: one mean rounded to a whole grey level and one standard deviation for all
 * channels. Float: mean and deviation per channel; a channel that never changes keeps its deviation at 1.
 */
export function measureNormalization(train: Samples): Normalization {
  return train.data instanceof Uint8Array
    ? measureBytes(train.data)
    : measureFloats(train, train.data);
}

function measureBytes(data: Uint8Array): Normalization {
  const histogram = new Float64Array(256);
  for (let i = 0; i < data.length; i++) histogram[data[i]!]!++;
  const sum = histogram.reduce((total, n, value) => total + n * value, 0);
  const mean = Math.round(sum / data.length);
  // About the true mean: the rounding of `mean` is a shift of the input, not a part of its spread.
  const centre = sum / data.length;
  const squares = histogram.reduce((total, n, value) => total + n * (value - centre) ** 2, 0);
  const std = Math.sqrt(squares / data.length);
  if (std === 0) {
    throw new UserError(
      `every byte of the training set is ${mean}; there is nothing to learn from`,
    );
  }
  return { kind: 'uint8', mean: [mean], std: [std] };
}

function measureFloats(train: Samples, data: Float32Array): Normalization {
  const channels = train.shape[2];
  const rows = data.length / channels;
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) mean[i % channels]! += data[i]!;
  for (let c = 0; c < channels; c++) mean[c]! /= rows;
  for (let i = 0; i < data.length; i++)
    squares[i % channels]! += (data[i]! - mean[i % channels]!) ** 2;
  const std = Array.from(squares, (sum) => {
    const deviation = Math.sqrt(sum / rows);
    return deviation > 0 ? deviation : 1;
  });
  return { kind: 'float', mean: Array.from(mean), std };
}
