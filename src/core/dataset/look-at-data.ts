/** What data that somebody names says of itself, so that it need not be typed. */
import { existsSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import type { DatasetConfig } from '../config/config';
import { UserError } from '../util/errors';
import { isOf, SOUNDS } from './class-folders';
import { confine, findFiles } from './files';
import { findDatasets } from './find-datasets';
import {
  checkHeaders,
  describeGroups,
  describeLabelled,
  describeMeasured,
  describeTable,
  describeTargets,
  type DescribedTable,
  type GivenColumns,
  type GroupChoice,
} from './find-tables';
import type { FoundDataset, LabelChoice } from './found-dataset';
import { listFolder } from './list-folder';
import { describeArraySets, type ArraySet } from './look-at-arrays';

/** What may be learned; what is not known is absent. */
export type SeenData = Partial<FoundDataset> & Pick<DescribedTable, 'recording'>;

/**
 * @param folder absolute, in the workspace folder, which nothing outside of is looked at
 * @param train path or pattern relative to `folder`, with forward slashes
 * @throws UserError where a table that is there cannot be read
 */
export async function lookAtTable(
  folder: string,
  train: string,
  workspace: string,
  given: GivenColumns = {},
): Promise<SeenData> {
  const files = await filesAt(folder, train, workspace);
  return files === undefined ? {} : describeTable(files, given);
}

/**
 * Columns of a table whose numbers a network may tell by the others, the likeliest first.
 * @throws UserError where a table that is there cannot be read
 */
export async function lookForTargets(
  folder: string,
  train: string,
  workspace: string,
): Promise<readonly LabelChoice[]> {
  const files = await filesAt(folder, train, workspace);
  return files === undefined ? [] : describeTargets(files);
}

/**
 * Columns of a table that measure something, in its order.
 * @throws UserError where a table that is there cannot be read
 */
export async function lookForMeasured(
  folder: string,
  train: string,
  workspace: string,
): Promise<readonly string[]> {
  const files = await filesAt(folder, train, workspace);
  return files === undefined ? [] : describeMeasured(files);
}

/**
 * Columns of a table that hold all of `labels`, the likeliest first; only one where it is clear.
 * @throws UserError where a table that is there cannot be read
 */
export async function lookForLabelled(
  folder: string,
  train: string,
  workspace: string,
  labels: readonly string[],
): Promise<readonly string[]> {
  const files = await filesAt(folder, train, workspace);
  return files === undefined ? [] : describeLabelled(files, labels);
}

/**
 * How many class folders with sounds a folder has; undefined where it is not there.
 * @throws UserError where it is outside of the workspace folder
 */
export async function countSoundClasses(
  folder: string,
  path: string,
  workspace: string,
): Promise<number | undefined> {
  const sounds = resolve(folder, path);
  if (!existsSync(sounds)) return undefined;
  confine(sounds, 'dataset', workspace);
  const { folders } = await listFolder(sounds, workspace);
  const contents = await Promise.all(
    folders.map(async (name) => listFolder(resolve(sounds, name), workspace)),
  );
  return contents.filter(({ files }) => files.some((name) => isOf(SOUNDS, name))).length;
}

/**
 * Columns of a table that say which rows belong together, in its order.
 * @throws UserError where a table that is there cannot be read
 */
export async function lookForGroups(
  folder: string,
  { train, test }: Pick<DatasetConfig, 'train' | 'test'>,
  workspace: string,
): Promise<readonly GroupChoice[]> {
  const files = await filesAt(folder, train, workspace);
  return files === undefined
    ? []
    : describeGroups(files, (await filesAt(folder, test, workspace)) ?? []);
}

/** @throws UserError where a table that is there has no header line */
export async function lookAtHeaders(
  folder: string,
  path: string,
  workspace: string,
): Promise<void> {
  await checkHeaders((await filesAt(folder, path, workspace)) ?? []);
}

/** Undefined where nothing is there. */
async function filesAt(
  folder: string,
  path: string,
  workspace: string,
): Promise<string[] | undefined> {
  try {
    return await findFiles(resolve(folder, path), '', workspace);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

type ArrayPaths = Pick<DatasetConfig, 'train' | 'test' | 'trainLabels' | 'testLabels'>;

/**
 * Of the very files that are named, as far as they are there.
 * @throws UserError where training would refuse them
 */
export async function lookAtArrays(
  folder: string,
  format: 'idx' | 'numpy',
  { train, test, trainLabels, testLabels }: ArrayPaths,
  workspace: string,
): Promise<SeenData> {
  const filesOf = (path: string) => filesAt(folder, path, workspace);
  /** Undefined where one of the two is not there. */
  const setOf = async (path: string, labelPath?: string): Promise<ArraySet | undefined> => {
    const examples = await filesOf(path);
    if (examples === undefined || labelPath === undefined) return examples && { examples };
    const labels = await filesOf(labelPath);
    return labels?.length === examples.length ? { examples, labels } : undefined;
  };
  const trainSet = await setOf(train, trainLabels);
  if (trainSet === undefined) return {};
  return describeArraySets(format, trainSet, await setOf(test, testLabels));
}

/** As the search for data finds it; nothing where it does not find it there. */
export async function lookAtData(
  folder: string,
  format: DatasetConfig['format'],
  train: string,
): Promise<SeenData> {
  const wanted = posix.normalize(train).replace(/\/$/, '');
  // Nothing else is looked through than what lies beside it.
  const parent = posix.dirname(wanted);
  const found = await findDatasets(resolve(folder, parent), { maxDepth: 1 });
  return (
    found.find((each) => each.format === format && posix.join(parent, each.train) === wanted) ?? {}
  );
}
