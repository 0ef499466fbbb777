/**
 * Format `numpy`: a .npz with examples and labels, or .npy (or .npz) files for each. In an archive the examples are the
 * array `x_train` (or `x_test`), `x`, `X` or `images`, the labels `y_train` (`y_test`), `y`, `Y` or `labels`, the first
 * of these that is there; an archive with one array needs no such name.
 */
import { unzipSync } from 'fflate';
import { UserError } from '../util/errors';
import { readMaybeGzipped } from './files';
import type { LabelledArrays, StoredArray } from './labelled-array';
import { npyDimensions, parseNpy } from './npy';

export type SetName = 'train' | 'test';

/**
 * @param labelsFile undefined: the labels are in the same archive
 * @param key config key of the labels, for the message when they are missing
 */
export function readNumpy(
  file: string,
  labelsFile: string | undefined,
  set: SetName,
  key: string,
): LabelledArrays {
  if (labelsFile !== undefined) {
    return {
      examples: readOne(file, exampleNames(set)),
      labels: readOne(labelsFile, labelNames(set)),
    };
  }
  const bytes = readMaybeGzipped(file);
  if (!isZip(bytes)) {
    throw new UserError(`a .npy file holds one array: name the file of the labels in ${key}`, {
      file,
    });
  }
  return {
    examples: fromArchive(bytes, file, exampleNames(set), false),
    labels: fromArchive(bytes, file, labelNames(set), false),
  };
}

/** Name and dimensions of the arrays in an archive, in its order. Throws UserError where it is damaged. */
export function numpyArchive(
  file: string,
): { readonly name: string; readonly dimensions: readonly number[] }[] {
  const arrays = unzip(readMaybeGzipped(file), file, (name) => name.endsWith('.npy'));
  return Object.entries(arrays).map(([name, bytes]) => ({
    name: name.replace(/\.npy$/, ''),
    dimensions: npyDimensions(bytes, file, `array "${name}" `),
  }));
}

/** As readNumpy finds them: the first of these names that is there. */
export const exampleNames = (set: SetName) => [`x_${set}`, 'x', 'X', 'images'];
export const labelNames = (set: SetName) => [`y_${set}`, 'y', 'Y', 'labels'];

function readOne(file: string, names: readonly string[]): StoredArray {
  const bytes = readMaybeGzipped(file);
  return isZip(bytes) ? fromArchive(bytes, file, names, true) : parseNpy(bytes, file);
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function fromArchive(
  bytes: Uint8Array,
  file: string,
  names: readonly string[],
  single: boolean,
): StoredArray {
  const found: string[] = [];
  unzip(bytes, file, (name) => {
    found.push(name.replace(/\.npy$/, ''));
    return false;
  });
  const wanted = names.find((name) => found.includes(name)) ?? (single ? only(found) : undefined);
  if (wanted === undefined) {
    throw new UserError(
      `the archive has no array named ${names.join(', ')}; it has ${found.join(', ') || 'none'}`,
      { file },
    );
  }
  const array = unzip(bytes, file, (name) => name === `${wanted}.npy`)[`${wanted}.npy`];
  if (array === undefined)
    throw new UserError(`"${wanted}" in the archive is no .npy array`, { file });
  return parseNpy(array, file, `array "${wanted}" `);
}

function only(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

function unzip(
  bytes: Uint8Array,
  file: string,
  wanted: (name: string) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: (entry) => wanted(entry.name) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `the .npz archive is damaged or cut off at ${bytes.length} bytes (${reason})`,
      { file, cause: error },
    );
  }
}
