/** Finds folders of class folders of pictures, for find-datasets.ts. */
import { posix, resolve } from 'node:path';
import type { FoundDataset, ListedFolder } from './found-dataset';
import { inspectPicture } from './image-file';
import { listFolder } from './list-folder';
import { IMAGES, isOf } from './class-folders';
import { pairSets } from './set-names';
import { defined } from '../util/defined';

/** Classes, and pictures of each, that are looked at. */
const SAMPLED_CLASSES = 12;
const SAMPLED_PICTURES = 8;
const FEWEST_PICTURES = 2;

/**
 * Whether a folder is a folder of class folders: nothing but folders, and in those nothing but pictures. A folder of
 * icons or of screenshots by topic would look the same; describeImages tells them apart by the pictures' sizes.
 */
export async function looksLikeClasses(root: string, folder: ListedFolder): Promise<boolean> {
  if (folder.files.length > 0 || folder.folders.length < 2) return false;
  for (const name of folder.folders.slice(0, SAMPLED_CLASSES)) {
    const names = await picturesOf(resolve(root, folder.path, name), root);
    if (names === undefined || names.length < FEWEST_PICTURES) return false;
  }
  return true;
}

export async function describeImages(
  root: string,
  folders: readonly ListedFolder[],
  signal: AbortSignal | undefined,
): Promise<FoundDataset[]> {
  const found: FoundDataset[] = [];
  const sameClasses = (a: ListedFolder, b: ListedFolder): boolean =>
    classNames(a).join('/') === classNames(b).join('/');
  for (const { train, test } of pairSets(folders, sameClasses)) {
    if (signal?.aborted === true) break;
    const input = await commonShape(root, train);
    if (input === undefined) continue;
    const counts = await Promise.all(
      train.folders.map(
        async (name) => (await picturesOf(resolve(root, train.path, name), root))?.length ?? 0,
      ),
    );
    found.push({
      format: 'images',
      train: train.path,
      ...defined({ test: test?.path }),
      input,
      classes: train.folders.length,
      examples: counts.reduce((sum, n) => sum + n, 0),
    });
  }
  return found;
}

/** As training compares them. */
function classNames({ folders }: ListedFolder): string[] {
  return folders.map((name) => name.normalize('NFC')).sort();
}

/** Names of the pictures in a folder; undefined where it holds anything else. */
async function picturesOf(folder: string, root: string): Promise<readonly string[] | undefined> {
  const { files, folders, others } = await listFolder(folder, root);
  return folders.length + others.length === 0 && files.every((name) => isOf(IMAGES, name))
    ? files
    : undefined;
}

/** Of some pictures of each class; undefined where they differ, since training needs pictures of one size. */
async function commonShape(
  root: string,
  folder: ListedFolder,
): Promise<readonly [number, number, number] | undefined> {
  let common: readonly [number, number, number] | undefined;
  for (const name of folder.folders.slice(0, SAMPLED_CLASSES)) {
    const pictures = (await picturesOf(resolve(root, folder.path, name), root)) ?? [];
    if (pictures.length === 0) return undefined;
    const step = Math.ceil(pictures.length / SAMPLED_PICTURES);
    for (const each of pictures.filter((_, i) => i % step === 0)) {
      try {
        const picture = inspectPicture(resolve(root, posix.join(folder.path, name, each)));
        common ??= [picture.height, picture.width, picture.channels];
        if (common[0] !== picture.height || common[1] !== picture.width) return undefined;
      } catch {
        return undefined;
      }
    }
  }
  return common;
}
