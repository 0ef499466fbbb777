import type { TaskFacts } from '../tasks/facts';
import type { TaskKind } from '../tasks/tasks';
import type { FrontendModel } from '../frontends/frontend';
import type { RawWindow } from '../frontends/frontends';
import type { Shape } from '../ops/shape';

/** Examples in memory, row-major [count, height, width, channels]. Bytes stay bytes until a batch is made. */
export interface Samples {
  readonly count: number;
  readonly shape: Shape;
  readonly data: Uint8Array | Float32Array;
  /**
   * The numbers that go with each example, row by row: what they are says the task. Of classes, the index. Empty where the
   * examples have no labels and no network has said yet what it makes of them.
   */
  readonly targets: Float32Array;
  /** Of whom or what each example is, as a number: no split puts examples of one subject into two sets. */
  readonly subjects?: Uint32Array;
}

/**
 * How a stored value becomes the network's input: (value − mean) / std.
 * For images (`uint8`) the mean is a whole number of grey levels and mean and std have one entry for all channels, so
 * that the int8 input of the firmware is exactly `pixel − 128` and nothing is lost. For float data there is one entry
 * for everything or one per channel.
 */
export interface Normalization {
  readonly kind: 'uint8' | 'float';
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Set where neither config nor model file nor labels say what a network from a file expects, so that this is a guess. */
  readonly guessed?: true;
}

export interface Dataset {
  /** What its targets mean. */
  readonly task: TaskKind;
  /** What of the task was measured of the training set; absent where nothing is. */
  readonly facts?: TaskFacts;
  /** How much an example of each class counts in training; absent where all count the same. */
  readonly classWeights?: readonly number[];
  readonly shape: Shape;
  /** What the network's outputs are called, in their order. */
  readonly outputNames: readonly string[];
  readonly train: Samples;
  /** Chooses checkpoints; never trained on. */
  readonly validation: Samples;
  /** Reported at the end; chooses nothing. */
  readonly test: Samples;
  readonly normalization: Normalization;
  /** What has made the examples of raw samples, and some of these as they were before. */
  readonly frontend?: FrontendModel;
  readonly rawTest?: RawTest;
  /** Set where nobody has labelled the examples: targets are empty then, or what the network that was imported says. */
  readonly unlabelled?: true;
  /** Sentences for the user about data that was read but not used; usually none. */
  readonly notes?: readonly string[];
}

/** Some test examples as they were before the front end. */
export interface RawTest {
  /** Ascending numbers of examples in the test set. */
  readonly indices: Uint32Array;
  /** [indices, samples, channels]. */
  readonly data: Int16Array;
  readonly window: RawWindow;
}

export interface Augmentation {
  /** Mirror left–right half of the time. */
  readonly flip: boolean;
  /** Shift by up to this many pixels each way, zero (mean) filled. */
  readonly shift: number;
  /** Standard deviation of added Gaussian noise, in normalised units. */
  readonly noise: number;
}

/** Examples as the network takes them: x is [examples, height, width, channels], normalised; y their targets, row by row. */
export interface Batch {
  readonly examples: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}
