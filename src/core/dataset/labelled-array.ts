/**
 * Formats that store examples and labels as plain arrays (IDX, NumPy) meet here: the checks that both need before
 * arrays become Samples.
 */
import type { Shape } from '../ops/shape';
import { UserError } from '../util/errors';
import { canConvert, convertPixels } from './channels';
import type { Samples } from './dataset';
import { allocateBytes, allocateFloats } from './memory';

/** A row-major array read from a file; integers other than uint8 have become float32. */
export interface StoredArray {
  /** File, and array within it where it holds several: for messages. */
  readonly file: string;
  /** `array "x" ` in an archive, else empty. */
  readonly label: string;
  readonly dimensions: readonly number[];
  readonly data: Uint8Array | Float32Array | Float64Array;
  /** Byte in the (unpacked) file where the element at a row-major index stands. */
  readonly offsetOf: (index: number) => number;
}

/** Examples and labels of one file or pair of files. */
export interface LabelledArrays {
  readonly examples: StoredArray;
  readonly labels: StoredArray;
}

/**
 * Checks the arrays against the model and joins them in order. The dimensions after the first must be the model's
 * input, sizes of 1 aside (they do not change the order of the values): [n, 28, 28] fits [28, 28, 1], [n, f] fits
 * [1, 1, f]. uint8 images of 1 or 3 channels are converted to the other as channels.ts says.
 */
export function samplesFromArrays(
  parts: readonly LabelledArrays[],
  shape: Shape,
  classes: number,
): Samples {
  const count = parts.reduce((sum, part) => sum + (part.examples.dimensions[0] ?? 0), 0);
  const size = shape[0] * shape[1] * shape[2];
  const bytes = parts.every((part) => part.examples.data instanceof Uint8Array);
  const odd = bytes ? undefined : parts.find((part) => part.examples.data instanceof Uint8Array);
  if (odd !== undefined) {
    throw new UserError(`${odd.examples.label}holds uint8 but another file of the set does not`, {
      file: odd.examples.file,
    });
  }
  const data = bytes ? allocateBytes(count * size) : allocateFloats(count * size);
  const labels = new Uint16Array(count);
  let done = 0;
  for (const part of parts) {
    const n = copyExamples(part.examples, data, done * size, shape);
    checkLabelCount(part, n);
    copyLabels(part.labels, labels, done, classes);
    done += n;
  }
  return { count, shape, data, targets: Float32Array.from(labels) };
}

function copyExamples(
  source: StoredArray,
  target: Uint8Array | Float32Array,
  offset: number,
  shape: Shape,
): number {
  const { data, dimensions, file, label } = source;
  const n = dimensions[0] ?? 0;
  if (n === 0) throw new UserError(`${label}holds no examples`, { file });
  const stored = dimensions.slice(1);
  if (sameButOnes(stored, shape)) {
    if (!(data instanceof Uint8Array)) checkFinite(source, data);
    target.set(data, offset);
    return n;
  }
  const from = storedChannels(stored, shape);
  if (
    from !== undefined &&
    canConvert(from, shape[2]) &&
    data instanceof Uint8Array &&
    target instanceof Uint8Array
  ) {
    convertPixels(data, from, target, offset, shape[2], n * shape[0] * shape[1]);
    return n;
  }
  throw new UserError(
    `${label}holds examples of ${stored.join('×') || '1'} but model.input says ${shape.join('×')}`,
    { file },
  );
}

/** Channels of stored [height, width] or [height, width, channels] images whose size is the model's. */
function storedChannels(stored: readonly number[], [height, width]: Shape): number | undefined {
  if (stored[0] !== height || stored[1] !== width || stored.length > 3) return undefined;
  return stored[2] ?? 1;
}

function sameButOnes(a: readonly number[], b: readonly number[]): boolean {
  const left = a.filter((n) => n !== 1);
  const right = b.filter((n) => n !== 1);
  return left.length === right.length && left.every((n, i) => n === right[i]);
}

function checkFinite(source: StoredArray, data: Float32Array | Float64Array): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(Math.fround(data[i]!))) continue;
    const size = data.length / (source.dimensions[0] ?? 1);
    throw new UserError(
      `${source.label}holds ${data[i]} at byte ${source.offsetOf(i)} (example ${Math.floor(i / size)}, value ${i % size}); ` +
        'every value must be a finite float32',
      { file: source.file },
    );
  }
}

function checkLabelCount({ examples, labels }: LabelledArrays, n: number): void {
  const { file, label, dimensions } = labels;
  if (dimensions[0] === n && dimensions.slice(1).some((size) => size !== 1)) {
    throw new UserError(
      `${label}holds labels of ${dimensions.join('×')}; give one class index per example, not one-hot rows`,
      { file },
    );
  }
  if (labels.data.length !== n) {
    throw new UserError(
      `${label}holds ${labels.data.length} labels for the ${n} examples of ${examples.file}`,
      { file },
    );
  }
}

function copyLabels(
  source: StoredArray,
  target: Uint16Array,
  first: number,
  classes: number,
): void {
  const { data, file, label } = source;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isInteger(value) || value < 0 || value >= classes) {
      throw new UserError(
        `${label}holds label ${value} at byte ${source.offsetOf(i)} (example ${i}); labels must be 0 … ${classes - 1} (model.classes is ${classes})`,
        { file },
      );
    }
    target[first + i] = value;
  }
}
