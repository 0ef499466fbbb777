/** Finds IDX and NumPy files that hold examples and labels, for find-datasets.ts. */
import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import type { Shape } from '../ops/shape';
import type { FoundDataset } from './found-dataset';
import { idxHeader, readIdx } from './idx';
import { npyHeader } from './npy';
import { exampleNames, labelNames, numpyArchive, readNumpy, type SetName } from './numpy';
import type { StoredArray } from './stored-array';
import { breathe } from './progress';
import { defined } from '../util/defined';
import { guessSet, pairSets } from './set-names';
import { readSized, readStart } from './unpack';

const NPY = /\.npy(\.gz)?$/i;
const NPZ = /\.npz$/i;
const IDX = /(\.idx\d?|[-.]idx\d?-ubyte|-ubyte)(\.gz)?$/i;
export const ARRAY_FILE = new RegExp([NPY, NPZ, IDX].map(({ source }) => source).join('|'), 'i');

const HEADER_BYTES = 4096;
/** Archives and label files up to here are unpacked to be looked at. */
const MOST_BYTES = 64 * 1024 * 1024;

interface ArrayFile {
  readonly path: string;
  readonly format: 'idx' | 'numpy';
  readonly dimensions: readonly number[];
}

export async function describeArrays(
  root: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const files: ArrayFile[] = [];
  const archives: { readonly path: string }[] = [];
  for (const path of paths) {
    if (signal?.aborted === true) break;
    if (NPZ.test(path)) archives.push({ path });
    else files.push(...inspect(root, path));
    await breathe();
  }
  return [
    ...(await describePairs(root, files)),
    ...(await describeArchives(root, archives, signal)),
  ];
}

function inspect(root: string, path: string): ArrayFile[] {
  const file = resolve(root, path);
  try {
    const start = readStart(file, HEADER_BYTES);
    return NPY.test(path)
      ? [{ path, format: 'numpy', dimensions: npyHeader(start, file).dimensions }]
      : [{ path, format: 'idx', dimensions: idxHeader(start, file).dimensions }];
  } catch {
    return [];
  }
}

async function describePairs(root: string, files: readonly ArrayFile[]): Promise<FoundDataset[]> {
  const examples = files.filter(({ dimensions }) => !isLabels(dimensions));
  const fit = (train: ArrayFile, test: ArrayFile): boolean =>
    train.format === test.format &&
    train.dimensions.slice(1).join() === test.dimensions.slice(1).join();
  const found: FoundDataset[] = [];
  for (const { train, test } of pairSets(examples, fit)) {
    const trainLabels = labelsOf(train, files);
    // An array without labels is any array.
    if (trainLabels === undefined) continue;
    const testLabels = test && labelsOf(test, files);
    const input = shapeOf(train.dimensions);
    const classes = await countClasses(root, trainLabels);
    found.push({
      format: train.format,
      train: train.path,
      trainLabels: trainLabels.path,
      ...defined({ test: test?.path, testLabels: testLabels?.path, input, classes }),
      examples: train.dimensions[0] ?? 0,
    });
  }
  return found;
}

function isLabels(dimensions: readonly number[]): boolean {
  return dimensions.slice(1).every((size) => size === 1);
}

/** Beside the examples, as many, of the same set; of several the one whose name begins most alike. */
function labelsOf(examples: ArrayFile, files: readonly ArrayFile[]): ArrayFile | undefined {
  const likeness = (a: string, b: string): number => {
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    return i;
  };
  return files
    .filter(
      (file) =>
        file.format === examples.format &&
        isLabels(file.dimensions) &&
        file.dimensions[0] === examples.dimensions[0] &&
        posix.dirname(file.path) === posix.dirname(examples.path) &&
        guessSet(file.path) === guessSet(examples.path),
    )
    .sort((a, b) => likeness(b.path, examples.path) - likeness(a.path, examples.path))[0];
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

async function countClasses(root: string, labels: ArrayFile): Promise<number | undefined> {
  const file = resolve(root, labels.path);
  try {
    if ((await stat(file)).size > MOST_BYTES) return undefined;
    return classesOf(labels.format === 'idx' ? await readIdx(file) : await readNpy(file));
  } catch {
    return undefined;
  }
}

async function readNpy(file: string): Promise<StoredArray> {
  const { header, bytes } = await readSized(file, (start) => npyHeader(start, file));
  return header.read(bytes);
}

/** How many different labels there are; undefined where they can be none. */
function classesOf({ data }: StoredArray): number | undefined {
  const distinct = new Set<number | string>(data);
  const plausible = [...distinct].every((label) => label !== '' && !(Number(label) % 1));
  return plausible && distinct.size > 1 && distinct.size <= 1000 ? distinct.size : undefined;
}

async function describeArchives(
  root: string,
  archives: readonly { readonly path: string }[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const found: FoundDataset[] = [];
  for (const { train, test } of pairSets(archives)) {
    if (signal?.aborted === true) break;
    const trained = await describeArchive(resolve(root, train.path), 'train');
    if (trained === undefined) continue;
    // One archive often holds both sets.
    const other = test?.path ?? train.path;
    const tested = await describeArchive(resolve(root, other), 'test');
    const both = tested !== undefined && (test !== undefined || tested.own);
    const { input, classes, examples } = trained;
    found.push({
      format: 'numpy',
      train: train.path,
      ...(both ? { test: other } : {}),
      ...defined({ input, classes }),
      examples,
    });
    await breathe();
  }
  return found;
}

interface ArchiveSet {
  /** Named for this very set (`x_test`), not for any (`x`). */
  readonly own: boolean;
  readonly input: Shape | undefined;
  readonly classes: number | undefined;
  readonly examples: number;
}

async function describeArchive(file: string, set: SetName): Promise<ArchiveSet | undefined> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return undefined;
    const arrays = await numpyArchive(file);
    const pick = (names: readonly string[]) =>
      names.flatMap((name) => arrays.filter((array) => array.name === name))[0];
    const examples = pick(exampleNames(set));
    if (examples === undefined || pick(labelNames(set)) === undefined) return undefined;
    const { labels } = await readNumpy(file, undefined, set, '');
    return {
      own: examples.name === exampleNames(set)[0],
      input: shapeOf(examples.header.dimensions),
      classes: classesOf(labels),
      examples: examples.header.dimensions[0] ?? 0,
    };
  } catch {
    return undefined;
  }
}
