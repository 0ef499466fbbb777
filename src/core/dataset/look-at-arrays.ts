/**
 * What arrays of examples and labels (IDX, NumPy) say of themselves: the input's shape by the header, the classes by the
 * labels. What training would refuse of them is refused here with its words; examples are not read.
 */
import { stat } from 'node:fs/promises';
import type { Shape } from '../ops/shape';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { idxHeader, readIdx } from './idx';
import { acceptFor, classesOfArrays, classOfLabel, type LabelledArrays } from './labelled-array';
import { readNumpyLabels, type SetName } from './numpy';
import { breathe } from './progress';
import type { Accept, ArrayHeader, StoredArray } from './stored-array';
import { HEADER_BYTES, readStart } from './unpack';

/** Archives and label files up to here are unpacked to be looked at. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** The files of one set; as many of labels as of examples, or none where archives hold both. */
export interface ArraySet {
  readonly examples: readonly string[];
  readonly labels?: readonly string[];
}

/** What is absent is not known: no labels are named, or there is too much to look at. */
export interface SeenArrays {
  readonly input?: Shape;
  readonly classes?: number;
}

/** @throws UserError where training would refuse the labels, or the headers of the examples */
export async function describeArraySets(
  format: 'idx' | 'numpy',
  train: ArraySet,
  test: ArraySet | undefined,
): Promise<SeenArrays> {
  const accept = acceptAny();
  const labels = await labelsOf(format, train, 'train', accept);
  const input = accept.input();
  if (labels === undefined) return defined({ input });
  const classes = classesOfArrays(labels, undefined);
  for (const part of (test && (await labelsOf(format, test, 'test', accept))) ?? []) {
    for (let i = 0; i < part.labels.data.length; i++) classOfLabel(part.labels, i, classes);
  }
  return { ...defined({ input }), classes: classes.names.length };
}

interface Look {
  readonly examples: Accept;
  readonly labels: Accept;
}

/** Takes for the input what the first examples are. */
function acceptAny(): Look & { readonly input: () => Shape | undefined } {
  let input: Shape | undefined;
  let accept: Look | undefined;
  return {
    examples: (header) => {
      input ??= inputOf(header);
      accept ??= acceptFor(input);
      accept.examples(header);
    },
    labels: (header) => accept?.labels(header),
    input: () => input,
  };
}

function inputOf({ dimensions, file, label }: ArrayHeader): Shape {
  const [n = 0, ...sizes] = dimensions;
  const shape = shapeOf(dimensions) ?? shapeOf([n, ...sizes.filter((size) => size !== 1)]);
  if (shape !== undefined) return shape;
  if (sizes.every((size) => size === 1)) return [1, 1, 1];
  throw new UserError(
    `${label}holds examples of ${sizes.join('×')}; a network takes height, width and channels, and no more`,
    { file },
  );
}

/**
 * Height, width, channels of [n, h, w], [n, h, w, c], or features; undefined for more dimensions. A long, narrow plane
 * is a window of a few sensors: [1, time, channels].
 */
function shapeOf([, ...sizes]: readonly number[]): Shape | undefined {
  const [a, b, c] = sizes;
  if (a === undefined || sizes.length > 3) return undefined;
  if (b === undefined) return [1, 1, a];
  if (c === undefined && b <= 16 && a >= 2 * b) return [1, a, b];
  return [a, b, c ?? 1];
}

/** Undefined where they are not named, or too much. */
async function labelsOf(
  format: 'idx' | 'numpy',
  { examples, labels }: ArraySet,
  set: SetName,
  accept: Look,
): Promise<Pick<LabelledArrays, 'labels'>[] | undefined> {
  const parts: Pick<LabelledArrays, 'labels'>[] = [];
  for (const [i, file] of examples.entries()) {
    const labelsFile = labels?.[i];
    if (!(await isSmall(file, labelsFile))) return undefined;
    const read: StoredArray | undefined =
      format === 'numpy'
        ? await readNumpyLabels(file, labelsFile, set, `dataset.${set}Labels`, accept)
        : await readIdxLabels(file, labelsFile, accept);
    if (read === undefined) return undefined;
    parts.push({ labels: read });
    await breathe();
  }
  return parts;
}

async function readIdxLabels(
  file: string,
  labelsFile: string | undefined,
  accept: Look,
): Promise<StoredArray | undefined> {
  accept.examples(idxHeader(readStart(file, HEADER_BYTES), file));
  return labelsFile === undefined ? undefined : readIdx(labelsFile, accept.labels);
}

async function isSmall(examples: string, labels: string | undefined): Promise<boolean> {
  const read = [...(/\.npz$/i.test(examples) ? [examples] : []), ...(labels ? [labels] : [])];
  const sizes = await Promise.all(read.map(async (file) => (await stat(file)).size));
  return sizes.every((size) => size <= MOST_BYTES);
}
