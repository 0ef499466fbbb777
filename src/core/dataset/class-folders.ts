/** Formats `images` and `wav`: a folder with one sub-folder of files per class. */
import { readdirSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../util/file-errors';
import { UserError } from '../util/errors';
import { confine } from './files';

/** What lies in class folders. */
export interface ClassFiles {
  readonly one: string;
  readonly several: string;
  /** Of their names, in lower case. */
  readonly extensions: readonly string[];
}

export const IMAGES: ClassFiles = {
  one: 'image',
  several: 'images',
  extensions: ['.jpg', '.jpeg', '.png'],
};
export const SOUNDS: ClassFiles = { one: 'sound', several: 'sounds', extensions: ['.wav'] };

/** By its name. */
export function isOf({ extensions }: ClassFiles, name: string): boolean {
  return extensions.includes(path.extname(name).toLowerCase());
}

export interface ClassFolder {
  readonly folder: string;
  /** Sorted by code unit, so that class indices do not depend on the file system or the locale. */
  readonly classNames: readonly string[];
  /** Absolute paths, by class, then sorted by name. Without classes: files that nobody has labelled. */
  readonly files: readonly string[];
  readonly labels: Uint16Array;
}

/**
 * Lists the files. Names that start with a dot are skipped; anything else that is none of `of` is an error. Symbolic
 * links count as what they lead to, which must lie inside the workspace folder. Class names are compared and kept in
 * Unicode's composed form, since systems differ in the one they write. Where labels are `optional`, a folder of nothing but
 * such files is a set without labels.
 */
export function listClassFolder(
  of: ClassFiles,
  folder: string,
  key: string,
  workspace: string,
  labels: 'needed' | 'optional' = 'needed',
): ClassFolder {
  confine(folder, key, workspace);
  const entries = list(folder, key, workspace, of);
  if (labels === 'optional' && isFlat(entries, of)) {
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
      `${key} has two folders named "${twin.name}", in two Unicode forms of the same letters; move the ${of.several} into one`,
      { file: folder },
    );
  }
  const files: string[] = [];
  const labelOf: number[] = [];
  classes.forEach(({ name, stored }, label) => {
    const classFolder = path.join(folder, stored);
    const entries = list(classFolder, key, workspace, of);
    if (entries.length === 0) {
      throw new UserError(`class "${name}" has no ${of.several} (${of.extensions.join(', ')})`, {
        file: classFolder,
      });
    }
    for (const entry of entries) {
      const file = path.join(classFolder, entry.name);
      if (entry.kind !== 'a file' || !isOf(of, entry.name)) {
        throw new UserError(
          `is no ${of.one} file (${of.extensions.join(', ')}); remove it from the class folder`,
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

/** Files, and no folder of a class. */
function isFlat(entries: readonly Entry[], of: ClassFiles): boolean {
  return (
    entries.length > 0 && entries.every(({ name, kind }) => kind === 'a file' && isOf(of, name))
  );
}

interface Entry {
  readonly name: string;
  readonly kind: 'folder' | 'a file' | 'a device or pipe';
}

function list(folder: string, key: string, workspace: string, of: ClassFiles): Entry[] {
  const entries = readFolder(folder, key, of).filter(({ name }) => !name.startsWith('.'));
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

function readFolder(folder: string, key: string, of: ClassFiles): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${key}: ${unreadable(error, of)}`, { file: folder, cause: error });
  }
}

function unreadable(error: unknown, of: ClassFiles): string {
  const code = errorCode(error);
  if (code === 'ENOENT')
    return `no such folder; it must hold one folder of ${of.several} per class`;
  if (code === 'ENOTDIR') return 'this is a file; give the folder that holds one folder per class';
  return `this folder cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
