/** Finds IDX and NumPy files that hold examples and labels, for find-datasets.ts. */
import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import type { FoundDataset } from './found-dataset';
import { idxHeader } from './idx';
import { npyHeader } from './npy';
import { exampleNames, labelNames, numpyArchive, type SetName } from './numpy';
import { describeArraySets, MOST_BYTES, type ArraySet } from './look-at-arrays';
import { problemText } from './trial';
import { UserError } from '../util/errors';
import { breathe } from './progress';
import { defined } from '../util/defined';
import { guessSet, pairSets } from './set-names';
import { readStart } from './unpack';

const NPY = /\.npy(\.gz)?$/i;
const NPZ = /\.npz$/i;
const IDX = /(\.idx\d?|[-.]idx\d?-ubyte|-ubyte)(\.gz)?$/i;
export const ARRAY_FILE = new RegExp([NPY, NPZ, IDX].map(({ source }) => source).join('|'), 'i');

const HEADER_BYTES = 4096;
/** What people call an array of labels, whatever is in it. */
const LABELS_NAME = /(?<![a-z])(y|labels?|targets?)(?![a-z])/i;

interface ArrayFile {
  readonly path: string;
  readonly format: 'idx' | 'numpy';
  /** None where the header cannot be read: of labels that are no numbers, say. */
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
  const format = NPY.test(path) ? 'numpy' : 'idx';
  try {
    const start = readStart(file, HEADER_BYTES);
    const header = format === 'numpy' ? npyHeader(start, file) : idxHeader(start, file);
    return [{ path, format, dimensions: header.dimensions }];
  } catch {
    return isNamedLabels(path) ? [{ path, format, dimensions: [] }] : [];
  }
}

async function describePairs(root: string, files: readonly ArrayFile[]): Promise<FoundDataset[]> {
  const examples = files.filter(
    ({ path, dimensions }) => !isLabels(dimensions) && !isNamedLabels(path),
  );
  const fit = (train: ArrayFile, test: ArrayFile): boolean =>
    train.format === test.format &&
    train.dimensions.slice(1).join() === test.dimensions.slice(1).join();
  const found: FoundDataset[] = [];
  for (const { train, test } of pairSets(examples, fit)) {
    const trainLabels = labelsOf(train, files);
    // An array without labels is any array.
    if (trainLabels === undefined) continue;
    const testLabels = test && labelsOf(test, files);
    const seen = await lookAt(root, train.format, {
      examples: [resolve(root, train.path)],
      labels: [resolve(root, trainLabels.path)],
    });
    found.push({
      format: train.format,
      train: train.path,
      trainLabels: trainLabels.path,
      ...defined({ test: test?.path, testLabels: testLabels?.path }),
      ...seen,
      examples: train.dimensions[0] ?? 0,
    });
  }
  return found;
}

function isLabels(dimensions: readonly number[]): boolean {
  return dimensions.slice(1).every((size) => size === 1);
}

function isNamedLabels(path: string): boolean {
  return LABELS_NAME.test(posix.basename(path));
}

/**
 * Beside the examples, as many, of the same set; of several the one whose name begins most alike. Where there is none,
 * what is called labels and cannot be: that is told, where data that is not found would be a riddle.
 */
function labelsOf(examples: ArrayFile, files: readonly ArrayFile[]): ArrayFile | undefined {
  const likeness = (a: string, b: string): number => {
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    return i;
  };
  const beside = files
    .filter(
      (file) =>
        file !== examples &&
        file.format === examples.format &&
        posix.dirname(file.path) === posix.dirname(examples.path) &&
        guessSet(file.path) === guessSet(examples.path),
    )
    .sort((a, b) => likeness(b.path, examples.path) - likeness(a.path, examples.path));
  const asMany = beside.filter(({ dimensions }) => dimensions[0] === examples.dimensions[0]);
  return (
    asMany.find(({ dimensions }) => isLabels(dimensions)) ??
    [...asMany, ...beside.filter(({ dimensions }) => dimensions.length === 0)].find(({ path }) =>
      isNamedLabels(path),
    )
  );
}

/** Input and classes, or why they cannot be trained. */
async function lookAt(
  root: string,
  format: ArrayFile['format'],
  set: ArraySet,
): Promise<Pick<FoundDataset, 'input' | 'classes' | 'problem'>> {
  try {
    return await describeArraySets(format, set, undefined);
  } catch (error) {
    if (error instanceof UserError) return { problem: problemText(root, error) };
    throw error;
  }
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
    found.push({
      format: 'numpy',
      train: train.path,
      ...(both ? { test: other } : {}),
      ...(await lookAt(root, 'numpy', { examples: [resolve(root, train.path)] })),
      examples: trained.examples,
    });
    await breathe();
  }
  return found;
}

interface ArchiveSet {
  /** Named for this very set (`x_test`), not for any (`x`). */
  readonly own: boolean;
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
    return {
      own: examples.name === exampleNames(set)[0],
      examples: examples.header.dimensions[0] ?? 0,
    };
  } catch {
    return undefined;
  }
}
