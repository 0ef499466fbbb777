/** Format `images`: a folder with one sub-folder of JPEG or PNG files per class. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { UserError } from '../util/errors';
import { canConvert, convertPixels } from './channels';
import type { Samples } from './dataset';
import { confine } from './files';
import { readPicture } from './image-file';
import { allocateBytes } from './memory';
import { breathe } from './progress';
import type { Shape } from '../ops/shape';
import { errorCode } from '../util/file-errors';

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png']);
const CHUNK = 256;

/** By its name. */
export function isPicture(name: string): boolean {
  return EXTENSIONS.has(path.extname(name).toLowerCase());
}

export interface ImageFolder {
  readonly folder: string;
  /** Sorted by code unit, so that class indices do not depend on the file system or the locale. */
  readonly classNames: readonly string[];
  /** Absolute paths, by class, then sorted by name. Without classes: pictures that nobody has labelled. */
  readonly files: readonly string[];
  readonly labels: Uint16Array;
}

/**
 * Lists the pictures. Names that start with a dot are skipped; anything else that is no picture is an error. Symbolic
 * links count as what they lead to, which must lie inside the workspace folder. Class names are compared and kept in
 * Unicode's composed form, since systems differ in the one they write. Where labels are `optional`, a folder of nothing but
 * pictures is a set without labels.
 */
export function listImageFolder(
  folder: string,
  key: string,
  workspace: string,
  labels: 'needed' | 'optional' = 'needed',
): ImageFolder {
  confine(folder, key, workspace);
  const entries = list(folder, key, workspace);
  if (labels === 'optional' && isFlat(entries)) {
    return {
      folder,
      classNames: [],
      files: entries.map(({ name }) => path.join(folder, name)),
      labels: new Uint16Array(0),
    };
  }
  const classes = entries.map(({ name, kind }) => {
    if (kind === 'folder') return { name: name.normalize('NFC'), stored: name };
    throw new UserError(
      `${key} must hold one folder per class and nothing else, but this is ${kind}`,
      { file: path.join(folder, name) },
    );
  });
  if (classes.length === 0) {
    throw new UserError(`${key} must hold one folder per class, but it has none`, { file: folder });
  }
  classes.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twin = classes.find(({ name }, i) => classes[i + 1]?.name === name);
  if (twin !== undefined) {
    throw new UserError(
      `${key} has two folders named "${twin.name}", in two Unicode forms of the same letters; move the images into one`,
      { file: folder },
    );
  }
  const files: string[] = [];
  const labelOf: number[] = [];
  classes.forEach(({ name, stored }, label) => {
    const classFolder = path.join(folder, stored);
    const entries = list(classFolder, key, workspace);
    if (entries.length === 0) {
      throw new UserError(`class "${name}" has no images (.jpg, .jpeg, .png)`, {
        file: classFolder,
      });
    }
    for (const entry of entries) {
      const file = path.join(classFolder, entry.name);
      if (entry.kind !== 'a file' || !isPicture(entry.name)) {
        throw new UserError(
          'is no image file (.jpg, .jpeg, .png); remove it from the class folder',
          { file },
        );
      }
      files.push(file);
      labelOf.push(label);
    }
  });
  return {
    folder,
    classNames: classes.map(({ name }) => name),
    files,
    labels: Uint16Array.from(labelOf),
  };
}

/** Pictures, and no folder of a class. */
function isFlat(entries: readonly Entry[]): boolean {
  return (
    entries.length > 0 && entries.every(({ name, kind }) => kind === 'a file' && isPicture(name))
  );
}

interface Entry {
  readonly name: string;
  readonly kind: 'folder' | 'a file' | 'a device or pipe';
}

function list(folder: string, key: string, workspace: string): Entry[] {
  const entries = readFolder(folder, key).filter(({ name }) => !name.startsWith('.'));
  return entries
    .map((entry): Entry => {
      if (!entry.isSymbolicLink()) return { name: entry.name, kind: kindOf(entry) };
      const link = path.join(folder, entry.name);
      confine(link, key, workspace);
      return { name: entry.name, kind: kindOf(statSync(link)) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(entry: Pick<Dirent, 'isDirectory' | 'isFile'>): Entry['kind'] {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'a file' : 'a device or pipe';
}

function readFolder(folder: string, key: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${key}: ${unreadable(error)}`, { file: folder, cause: error });
  }
}

function unreadable(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'no such folder; it must hold one folder of images per class';
  if (code === 'ENOTDIR') return 'this is a file; give the folder that holds one folder per class';
  return `this folder cannot be read (${error instanceof Error ? error.message : String(error)})`;
}

/**
 * Decodes the pictures at `indices` into one array [indices, height, width, channels] of uint8.
 * @param report called about every 256 pictures with the number done
 */
export async function readImageFolder(
  source: ImageFolder,
  indices: Uint32Array,
  shape: Shape,
  report: (done: number, total: number) => void,
): Promise<Samples> {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const data = allocateBytes(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const file = source.files[indices[i]!]!;
    const picture = await readPicture(file, { width, height });
    if (!canConvert(picture.channels, channels)) {
      throw new UserError(
        `the image has ${picture.channels} channels but model.input says ${channels}; images give 1 (grey) or 3 (RGB)`,
        { file },
      );
    }
    convertPixels(picture.data, picture.channels, data, i * size, channels, height * width);
    if ((i + 1) % CHUNK === 0) {
      report(i + 1, indices.length);
      await breathe();
    }
  }
  report(indices.length, indices.length);
  const labelled = source.classNames.length > 0;
  const targets = Float32Array.from(labelled ? indices : [], (index) => source.labels[index]!);
  return { count: indices.length, shape, data, targets };
}
