/**
 * Makes batches. A training batch is a pure function of (seed, step): shuffling and augmentation draw from generators
 * derived from seed, epoch and example, so a run resumed at any step sees the same numbers with no saved state.
 */
import { createRandom, mixSeed, permutation } from '../util/random';
import type { Augmentation, Batch, Normalization, Samples } from './dataset';
import { normalized } from './normalization';
import { targetOf, targetSize } from './targets';

// Keep the streams of one seed apart.
const SHUFFLE = 0x21;
const AUGMENT = 0x22;

export const NO_AUGMENTATION: Augmentation = { flip: false, shift: 0, noise: 0 };

export interface BatchOptions {
  readonly samples: Samples;
  readonly normalization: Normalization;
  readonly augmentation: Augmentation;
  readonly batchSize: number;
  readonly seed: number;
}

/** A batch in memory of its own, which can be handed to another thread. */
export interface OwnedBatch extends Batch {
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Float32Array<ArrayBuffer>;
}

/** What the training loop reads from, in this thread or another. */
export interface TrainingBatches {
  /** Whole batches of an epoch; the incomplete one at its end is left out (other examples each epoch). */
  readonly stepsPerEpoch: number;
  /** Examples per batch: `batchSize`, or all of them where there are fewer. */
  readonly batchSize: number;
  /** The batch of optimiser step `step` (0-based, counted over all epochs). The arrays belong to the caller. */
  at(step: number): Promise<Batch>;
  close(): Promise<void>;
}

/** Training batches made in this thread: the reference for the prefetching ones. */
export class BatchSource implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
  readonly #options: BatchOptions;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(options: BatchOptions) {
    const { count } = options.samples;
    if (count === 0) throw new RangeError('no examples to make batches of');
    if (!Number.isInteger(options.batchSize) || options.batchSize < 1) {
      throw new RangeError(`batch size ${options.batchSize} is not a positive integer`);
    }
    this.#options = options;
    this.batchSize = Math.min(options.batchSize, count);
    this.stepsPerEpoch = Math.floor(count / this.batchSize);
  }

  /** x [batchSize, height, width, channels], normalised; y [batchSize, numbers of a target]. */
  make(step: number): OwnedBatch {
    if (!Number.isInteger(step) || step < 0) throw new RangeError(`no batch for step ${step}`);
    const { samples, normalization, augmentation, seed } = this.#options;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch) {
      this.#order = permutation(samples.count, mixSeed(seed, SHUFFLE, epoch));
      this.#epoch = epoch;
    }
    const first = (step % this.stepsPerEpoch) * this.batchSize;
    const size = exampleSize(samples);
    const x = new Float32Array(this.batchSize * size);
    const width = targetSize(samples);
    const y = new Float32Array(this.batchSize * width);
    const normalize = createNormalizer(samples, normalization);
    for (let b = 0; b < this.batchSize; b++) {
      const example = this.#order[first + b]!;
      y.set(targetOf(samples, example), b * width);
      const out = x.subarray(b * size, (b + 1) * size);
      normalize(example, out);
      augment(out, samples.shape, augmentation, mixSeed(seed, AUGMENT, epoch, example));
    }
    return { examples: this.batchSize, x, y };
  }

  at(step: number): Promise<Batch> {
    return Promise.resolve(this.make(step));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** All examples in their order, unchanged but normalised; the last batch holds what is left over. */
export function* evaluationBatches(
  samples: Samples,
  normalization: Normalization,
  batchSize: number,
): Generator<Batch> {
  for (let first = 0; first < samples.count; first += batchSize) {
    yield sliceBatch(samples, normalization, first, Math.min(batchSize, samples.count - first));
  }
}

/** Examples `first` … `first + count − 1`, normalised. */
export function sliceBatch(
  samples: Samples,
  normalization: Normalization,
  first: number,
  count: number,
): Batch {
  const size = exampleSize(samples);
  const x = new Float32Array(count * size);
  const normalize = createNormalizer(samples, normalization);
  for (let b = 0; b < count; b++) normalize(first + b, x.subarray(b * size, (b + 1) * size));
  const width = targetSize(samples);
  const y = samples.targets.slice(first * width, (first + count) * width);
  return { examples: count, x, y };
}

function exampleSize(samples: Samples): number {
  return samples.shape[0] * samples.shape[1] * samples.shape[2];
}

/** Returns a function that writes one normalised example, [height, width, channels], to `out`. */
function createNormalizer(
  samples: Samples,
  normalization: Normalization,
): (example: number, out: Float32Array) => void {
  const size = exampleSize(samples);
  const { data } = samples;
  if (data instanceof Uint8Array && normalization.mean.length === 1) {
    const table = Float32Array.from({ length: 256 }, (_, value) =>
      normalized(normalization, value, 0),
    );
    return (example, out) => {
      const from = example * size;
      for (let i = 0; i < size; i++) out[i] = table[data[from + i]!]!;
    };
  }
  return (example, out) => {
    const from = example * size;
    for (let i = 0; i < size; i++) out[i] = normalized(normalization, data[from + i]!, i);
  };
}

/**
 * Changes one normalised example in place: mirror, shift (cells that come in are 0, the mean), noise. The numbers are
 * drawn in this order, and those of a disabled step are not drawn.
 */
function augment(
  x: Float32Array,
  [height, width, channels]: Samples['shape'],
  { flip, shift, noise }: Augmentation,
  seed: number,
): void {
  if (!flip && shift === 0 && noise === 0) return;
  const random = createRandom(seed);
  const mirrored = flip && random.int(2) === 1;
  const dy = shift === 0 ? 0 : random.int(2 * shift + 1) - shift;
  const dx = shift === 0 ? 0 : random.int(2 * shift + 1) - shift;
  if (mirrored || dy !== 0 || dx !== 0) {
    const source = x.slice();
    for (let row = 0; row < height; row++) {
      const fromRow = row - dy;
      for (let column = 0; column < width; column++) {
        const shifted = column - dx;
        const fromColumn = mirrored ? width - 1 - shifted : shifted;
        const to = (row * width + column) * channels;
        const inside = fromRow >= 0 && fromRow < height && shifted >= 0 && shifted < width;
        const from = (fromRow * width + fromColumn) * channels;
        for (let c = 0; c < channels; c++) x[to + c] = inside ? source[from + c]! : 0;
      }
    }
  }
  if (noise > 0) for (let i = 0; i < x.length; i++) x[i]! += noise * random.normal();
}
