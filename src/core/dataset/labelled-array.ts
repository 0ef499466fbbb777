/**
 * Formats that store examples and labels as plain arrays (IDX, NumPy) meet here: the checks that both need before
 * arrays become Samples.
 */
import { basename } from 'node:path';
import type { Shape } from '../ops/shape';
import { UserError } from '../util/errors';
import {
  countOf,
  isTextData,
  type Accept,
  type ArrayHeader,
  type StoredArray,
} from './stored-array';
import { canConvert, convertPixels } from './channels';
import {
  CLASSES_ONLY,
  classesOf,
  countLabel,
  unknownLabel,
  type Classes,
  type KnownClasses,
  type Label,
  type LabelUses,
} from './classes';
import type { Samples } from './dataset';
import { allocateBytes, allocateFloats } from './memory';

/** Examples of one file, with labels where it or another one has them. */
export interface ExampleArrays {
  readonly examples: StoredArray;
  readonly labels?: StoredArray;
}

/** Names of the classes, where the data brings them along, or why those that it brings cannot be read. */
export interface NamedClasses {
  readonly classNames?: readonly string[];
  readonly namesProblem?: string;
}

/** Examples and labels of one file or pair of files. */
export interface LabelledArrays extends ExampleArrays, NamedClasses {
  readonly labels: StoredArray;
}

/**
 * Looks at headers before what follows them is read. The dimensions of examples after the first must be the model's
 * input, sizes of 1 aside (they do not change the order of the values): [n, 28, 28] fits [28, 28, 1], [n, f] fits
 * [1, 1, f]. Images of 1 or 3 channels may be converted to the other as channels.ts says. There must be one label for
 * each of the examples that were accepted last, or as many numbers as `numbers` says.
 */
export function acceptFor(
  shape: Shape,
  numbers?: number,
): { readonly examples: Accept; readonly labels: Accept } {
  let examples: ArrayHeader | undefined;
  return {
    examples: (header) => {
      const { dimensions, file, label } = header;
      const [n = 0, ...stored] = dimensions;
      if (n === 0) throw new UserError(`${label}holds no examples`, { file });
      const from = storedChannels(stored, shape);
      const converted = from !== undefined && canConvert(from, shape[2]);
      if (!converted && !sameButOnes(stored, shape)) throw wrongShape(label, file, stored, shape);
      examples = header;
    },
    labels: ({ dimensions, file, label }) => {
      const n = examples?.dimensions[0] ?? 0;
      const count = countOf(dimensions);
      if (examples === undefined || count === n * (numbers ?? 1)) return;
      if (numbers !== undefined) {
        throw new UserError(
          `${label}holds targets of ${dimensions.join('×')}; the network puts out ${numbers} for each of the ${n} examples of ${examples.file}`,
          { file },
        );
      }
      throw new UserError(
        dimensions[0] === n
          ? `${label}holds labels of ${dimensions.join('×')}; give one class per example, not one-hot rows; where several may hold at once, the task is "multi-label"`
          : `${label}holds ${count} labels for the ${n} examples of ${examples.file}`,
        { file },
      );
    },
  };
}

/** @param parts of the training set @param classes see classesOf */
export function classesOfArrays(
  parts: readonly (Pick<LabelledArrays, 'labels'> & NamedClasses)[],
  classes: number | undefined,
  network?: KnownClasses,
): Classes {
  const text = parts.some(({ labels }) => isText(labels));
  const odd = parts.find(({ labels }) => isText(labels) !== text);
  if (odd !== undefined) {
    throw new UserError(
      `${odd.labels.label}holds numbers, but other labels of the training set are names`,
      { file: odd.labels.file },
    );
  }
  const uses: LabelUses = new Map();
  for (const { labels } of parts) {
    for (let i = 0; i < labels.data.length; i++) {
      countLabel(uses, labelAt(labels, i), () => place(labels, i));
    }
  }
  const names = parts.find(({ classNames }) => classNames !== undefined)?.classNames;
  const found = classesOf(uses, classes, parts[0]?.labels.file ?? '', names, network);
  const problems = parts.flatMap(({ namesProblem }) => namesProblem ?? []);
  return { ...found, notes: [...found.notes, ...problems] };
}

/**
 * Throws UserError where archives give their classes different names, or the same in another order: labels of the same number
 * mean something else then.
 */
export function checkClassNames(parts: readonly (ExampleArrays & NamedClasses)[]): void {
  const [first, ...others] = parts.filter(
    ({ classNames, labels }) => classNames !== undefined && !isTextData(labels?.data ?? []),
  );
  const names = first?.classNames ?? [];
  for (const { classNames = [], examples } of others) {
    const count = Math.max(names.length, classNames.length);
    const i = Array.from({ length: count }, (_, n) => n).find((n) => names[n] !== classNames[n]);
    if (i === undefined) continue;
    const said = (name: string | undefined): string =>
      name === undefined ? 'not there' : JSON.stringify(name);
    throw new UserError(
      `class ${i} is ${said(classNames[i])} in its list of names, but ${said(names[i])} in that of ${basename(first!.examples.file)}: ` +
        'labels of the same number must be of the same class; save all files with the same list of names',
      { file: examples.file },
    );
  }
}

/** All labels that there are. */
export function labelsIn(parts: readonly ExampleArrays[]): Set<Label> {
  const found = new Set<Label>();
  for (const { labels } of parts) {
    for (let i = 0; i < (labels?.data.length ?? 0); i++) found.add(labelAt(labels!, i));
  }
  return found;
}

function place({ label, offsetOf }: StoredArray, i: number): string {
  return `${label}at byte ${offsetOf(i)}, example ${i}`;
}

/** Whether every part has labels, which then count. */
export function areLabelled(parts: readonly ExampleArrays[]): parts is readonly LabelledArrays[] {
  return parts.every(({ labels }) => labels !== undefined);
}

/**
 * Joins the arrays in order.
 * @param classes undefined: without labels
 * @param numbers of each example that its labels hold, where these are no classes
 */
export function samplesFromArrays(
  parts: readonly ExampleArrays[],
  shape: Shape,
  classes: Classes | undefined,
  numbers = 0,
): Samples {
  const size = shape[0] * shape[1] * shape[2];
  const count = parts.reduce((sum, part) => sum + (part.examples.dimensions[0] ?? 0), 0);
  const bytes = parts.every((part) => part.examples.data instanceof Uint8Array);
  const odd = bytes ? undefined : parts.find((part) => part.examples.data instanceof Uint8Array);
  if (odd !== undefined) {
    throw new UserError(`${odd.examples.label}holds uint8 but another file of the set does not`, {
      file: odd.examples.file,
    });
  }
  const data = bytes ? allocateBytes(count * size) : allocateFloats(count * size);
  const targets = new Float32Array(count * (classes === undefined ? numbers : 1));
  let done = 0;
  for (const part of parts) {
    const n = copyExamples(part.examples, data, done * size, shape);
    if (classes !== undefined && part.labels !== undefined) {
      copyLabels(part.labels, targets, done, classes);
    } else if (numbers > 0 && part.labels !== undefined) {
      targets.set(numbersIn(part.labels), done * numbers);
    }
    done += n;
  }
  return { count, shape, data, targets };
}

function numbersIn(source: StoredArray): ArrayLike<number> {
  const { data, file, label } = source;
  if (isTextData(data)) {
    throw new UserError(`${label}holds text, where targets must be numbers`, { file });
  }
  if (data instanceof Float32Array || data instanceof Float64Array) checkFinite(source, data);
  return data;
}

function copyExamples(
  source: StoredArray,
  target: Uint8Array | Float32Array,
  offset: number,
  shape: Shape,
): number {
  const { data, dimensions, file, label } = source;
  const [n = 0, ...stored] = dimensions;
  if (isText(source)) {
    throw new UserError(`${label}holds text, where examples must be numbers`, { file });
  }
  if (sameButOnes(stored, shape)) {
    if (data instanceof Float32Array || data instanceof Float64Array) checkFinite(source, data);
    if (!isTextData(data)) target.set(data, offset);
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
  throw wrongShape(label, file, stored, shape);
}

function wrongShape(
  label: string,
  file: string,
  stored: readonly number[],
  shape: Shape,
): UserError {
  const turned = areChannelsFirst(stored, shape)
    ? '; channels come last here: move them behind the others, in Python x = numpy.moveaxis(x, 1, -1)'
    : '';
  return new UserError(
    `${label}holds examples of ${stored.join('×') || '1'} but the network takes ${shape.join('×')}${turned}`,
    { file },
  );
}

/** Whether they are the network's with the channels in front, as PyTorch has them. */
function areChannelsFirst(stored: readonly number[], shape: Shape): boolean {
  const sizes = stored.filter((n) => n !== 1);
  return shape[2] > 1 && sameButOnes([...sizes.slice(1), ...sizes.slice(0, 1)], shape);
}

function isText({ data }: StoredArray): boolean {
  return isTextData(data);
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

/** A whole number, or a name in Unicode's composed form. */
function labelAt(labels: StoredArray, i: number): Label {
  const value = labels.data[i]!;
  if (typeof value === 'string') {
    if (value !== '') return value.normalize('NFC');
    throw new UserError(`a label is empty: ${place(labels, i)}`, { file: labels.file });
  }
  if (Number.isInteger(value)) return value;
  throw new UserError(
    `label ${value} (${place(labels, i)}) is neither a whole number nor a name; ${CLASSES_ONLY}`,
    { file: labels.file },
  );
}

function copyLabels(
  source: StoredArray,
  target: Float32Array,
  first: number,
  classes: Classes,
): void {
  for (let i = 0; i < source.data.length; i++) {
    target[first + i] = classOfLabel(source, i, classes);
  }
}

/** Throws UserError where a label is none that the training set has. */
export function classOfLabel(labels: StoredArray, i: number, classes: Classes): number {
  const value = labelAt(labels, i);
  const index = classes.indexOf.get(value);
  if (index !== undefined) return index;
  throw new UserError(`${unknownLabel(value, classes)}: ${place(labels, i)}`, {
    file: labels.file,
  });
}
