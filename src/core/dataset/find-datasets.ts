/**
 * Looks through a folder for data that can be trained on, so that nobody has to type what the files say themselves:
 * format, where training and test set are, shape of an example, number of classes. Reads headers and a few examples.
 */
import { stat } from 'node:fs/promises';
import { posix, resolve } from 'node:path';
import { CSV_FILE, describeTables } from './find-tables';
import { ARRAY_FILE, describeArrays } from './find-arrays';
import { describeImages, looksLikeClasses } from './find-images';
import { describeSounds, looksLikeSounds } from './find-sounds';
import type { FoundDataset, ListedFolder } from './found-dataset';
import { listFolder } from './list-folder';
import { breathe } from './progress';
import { defined } from '../util/defined';
import { patternOf } from './set-names';
import { trialProblem } from './trial';
import { readStart } from './unpack';

export type { FoundDataset } from './found-dataset';

export interface FindOptions {
  /** Ends the search early with what was found so far. */
  readonly signal?: AbortSignal;
  /** Folders below the first that are looked into. */
  readonly maxDepth?: number;
  /** Files and folders looked at. */
  readonly maxEntries?: number;
}

/** Not looked into: other people's, or made. */
const SKIPPED = new Set(['node_modules', 'build', 'dist', 'out', 'target', '__pycache__', 'venv']);
/** CIFAR-10's record: a label and 32×32 pixels in three planes. */
const CIFAR_RECORD = 3073;

/** Sorted by path. What cannot be read is passed over: this is a suggestion, and training says what is wrong. */
export async function findDatasets(
  root: string,
  options: FindOptions = {},
): Promise<FoundDataset[]> {
  const { signal } = options;
  const found: FoundDataset[] = [];
  const images: ListedFolder[] = [];
  const sounds: ListedFolder[] = [];
  const arrays: string[] = [];
  const tables: string[] = [];
  for await (const folder of walk(root, options)) {
    if (await looksLikeClasses(root, folder)) {
      images.push(folder);
      folder.skip();
      continue;
    }
    if (await looksLikeSounds(root, folder)) {
      sounds.push(folder);
      folder.skip();
      continue;
    }
    const at = (name: string): string => posix.join(folder.path, name);
    arrays.push(...folder.files.filter((name) => ARRAY_FILE.test(name)).map(at));
    tables.push(...folder.files.filter((name) => CSV_FILE.test(name)).map(at));
    found.push(...(await findCifar10(root, folder.files.map(at))));
  }
  found.push(...(await describeImages(root, images, signal)));
  found.push(...(await describeSounds(root, sounds, signal)));
  found.push(...(await describeArrays(root, arrays, signal)));
  found.push(...(await describeTables(root, tables, signal)));
  const tried: FoundDataset[] = [];
  for (const each of found.sort((a, b) => (a.train < b.train ? -1 : 1))) {
    if (signal?.aborted === true) break;
    const problem = each.problem ?? (await trialProblem(root, each));
    // Bytes of any kind may have the length of records.
    if (problem !== undefined && each.format === 'cifar10') continue;
    tried.push(problem === undefined ? each : { ...each, problem });
  }
  return tried;
}

/** Breadth first, so that a limit cuts off what is deep and not what comes late in the alphabet. */
async function* walk(
  root: string,
  { signal, maxDepth = 6, maxEntries = 20_000 }: FindOptions,
): AsyncGenerator<ListedFolder & { readonly skip: () => void }> {
  let left = maxEntries;
  const queue: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (signal?.aborted === true || left <= 0) return;
    const { path, depth } = next;
    const content = await listFolder(resolve(root, path), root);
    const folders = content.folders.filter((name) => !SKIPPED.has(name));
    left -= content.files.length + content.folders.length + content.others.length;
    let descend = depth < maxDepth;
    yield { path, files: content.files, folders, skip: () => (descend = false) };
    if (!descend) continue;
    for (const name of folders) queue.push({ path: posix.join(path, name), depth: depth + 1 });
    await breathe();
  }
}

async function findCifar10(root: string, files: readonly string[]): Promise<FoundDataset[]> {
  const records: { path: string; count: number | undefined }[] = [];
  for (const path of files.filter((name) => /\.bin(\.gz)?$/i.test(name))) {
    const { size } = await stat(resolve(root, path)).catch(() => ({ size: 0 }));
    const packed = /\.gz$/i.test(path);
    if (size === 0 || (!packed && size % CIFAR_RECORD !== 0)) continue;
    if (looksLikeRecords(resolve(root, path))) {
      records.push({ path, count: packed ? undefined : size / CIFAR_RECORD });
    }
  }
  const tests = records.filter(({ path }) => /test/i.test(posix.basename(path)));
  const trains = records.filter((record) => !tests.includes(record));
  if (trains.length === 0) return [];
  const test = patternOf(tests.map(({ path }) => path));
  const counts = trains.map(({ count }) => count);
  return [
    {
      format: 'cifar10',
      train: patternOf(trains.map(({ path }) => path)) ?? trains[0]!.path,
      ...defined({ test }),
      input: [32, 32, 3],
      classes: 10,
      ...(counts.includes(undefined)
        ? {}
        : { examples: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0) }),
    },
  ];
}

/** Whether the first records begin with labels. Nobody's firmware is 3,073 bytes a record with ten of them. */
function looksLikeRecords(file: string): boolean {
  try {
    const start = readStart(file, 8 * CIFAR_RECORD);
    const labels = Array.from(
      { length: Math.min(8, Math.ceil(start.length / CIFAR_RECORD)) },
      (_, i) => start[i * CIFAR_RECORD]!,
    );
    return labels.length > 0 && labels.every((label) => label <= 9);
  } catch {
    return false;
  }
}
