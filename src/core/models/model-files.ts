/**
 * The networks that lie in files of their own. A new format is a folder beside this file, an entry here, and its endings in
 * file-endings.ts. Each reader is loaded on demand, by the terminal and the background process; an editor's own process asks
 * the latter (lint sees to that).
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { realPlace } from '../config/paths';
import { UserError } from '../util/errors';
import { readBytes } from '../util/read-file';
import { exportAdvice, SAVED_MODEL } from './export-advice';
import { formatByName, modelFileEndings, type FileFormatName } from './file-endings';
import { markOf, marksHold } from './file-mark';
import type { FileFacts, FileFormat, LoadedModel, ReadBeside } from './model';

const FORMATS: Readonly<Record<FileFormatName, FileFormat>> = {
  tflite: {
    load: async (bytes) => (await import('./tflite/tflite')).loadTflite(bytes),
    inspect: async (bytes) => (await import('./tflite/tflite')).inspectTflite(bytes),
  },
  keras: {
    load: async (bytes) => (await import('./keras/keras')).loadKeras(bytes),
    inspect: async (bytes) => (await import('./keras/keras')).inspectKeras(bytes),
  },
  tfjs: {
    load: async (bytes, beside) => (await import('./keras/tfjs')).loadTfjs(bytes, beside),
    inspect: async (bytes, beside) => (await import('./keras/tfjs')).inspectTfjs(bytes, beside),
  },
  onnx: {
    load: async (bytes, beside) => (await import('./onnx/load')).loadOnnx(bytes, beside),
    inspect: async (bytes) => (await import('./onnx/load')).inspectOnnx(bytes),
  },
};

export interface OpenedFile {
  readonly model: LoadedModel;
  /** Of the file that the network was read from, and of those beside it that it names. */
  readonly sha256: string;
  /** Of the same files, by their absolute paths: what changes when they are written to. */
  readonly marks: ReadonlyMap<string, string>;
}

/** A check of the config comes before every use of it. */
const MOST_REMEMBERED = 4;
const remembered = new Map<string, OpenedFile>();

/**
 * As loadModelFile, with a hash of all that was read; read again only when its size or time has changed.
 *
 * @param marks gets those of the files that were looked at, also where the network cannot be read
 */
export async function openModelFile(
  file: string,
  marks = new Map<string, string>(),
): Promise<OpenedFile> {
  const before = remembered.get(file);
  if (before !== undefined && marksHold(before.marks)) {
    for (const [each, mark] of before.marks) marks.set(each, mark);
    return before;
  }
  marks.set(file, markOf(file));
  const hash = createHash('sha256');
  const model = await withFormat(file, (format, bytes) => {
    hash.update(bytes);
    const beside = besideOf(file);
    return format.load(bytes, (name) => {
      const other = path.join(path.dirname(file), name);
      const known = marks.has(other);
      // One that is not there yet may come.
      if (path.dirname(other) === path.dirname(file)) marks.set(other, markOf(other));
      const content = beside(name);
      if (!known) hash.update(content);
      return content;
    });
  });
  const opened = { model, sha256: hash.digest('hex'), marks };
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(file, opened);
  return opened;
}

/** The network in a file. @throws UserError, with the file, where it cannot be read or is none that is known */
export function loadModelFile(file: string): Promise<LoadedModel> {
  return withFormat(file, (format, bytes) => format.load(bytes, besideOf(file)));
}

/**
 * What a model file holds, whether its network can be computed here or not.
 *
 * @throws UserError, with the file, where it cannot be read, is damaged, or is of no known kind
 */
export function inspectModelFile(file: string): Promise<FileFacts> {
  return withFormat(file, (format, bytes) => format.inspect(bytes, besideOf(file)));
}

async function withFormat<T>(
  file: string,
  read: (format: FileFormat, bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const format = fileFormat(file);
  try {
    const bytes = requireContent(readBytes(file, 'network'));
    requireOwnName(file, bytes);
    return await read(format, bytes);
  } catch (error) {
    if (!(error instanceof UserError) || error.file !== undefined) throw error;
    throw new UserError(error.message, { file, cause: error });
  }
}

/** Reads what lies in the same folder, and nothing that a link there leads to elsewhere. */
function besideOf(file: string): ReadBeside {
  return (name) => {
    const other = path.join(path.dirname(file), name);
    const isBare = name !== '' && path.posix.basename(name) === name && !name.includes('\\');
    const folder = realPlace(path.dirname(file));
    if (!isBare || name === '..' || path.dirname(realPlace(other)) !== folder) {
      throw new UserError(
        `it names the file ${JSON.stringify(name.slice(0, 100))}, which does not lie in its own folder`,
        { file },
      );
    }
    return readBytes(other, 'network');
  };
}

/** What files of a format begin with. */
const BEGINNINGS: readonly Beginning[] = [
  { name: 'a TFLite file', at: 4, text: 'TFL3', formats: ['tflite'], ending: '.tflite' },
  { name: 'an HDF5 file', at: 0, text: '\x89HDF', formats: ['keras'], ending: '.h5' },
  // Of a message of protobuf the version, a number of one byte, and who produced it.
  { name: 'an ONNX file', at: 2, text: '\x12', first: 8, formats: ['onnx'], ending: '.onnx' },
  { name: 'a zip archive', at: 0, text: 'PK\x03\x04', formats: ['keras'], ending: '.keras' },
];

interface Beginning {
  readonly name: string;
  readonly at: number;
  readonly text: string;
  /** The file's first byte. */
  readonly first?: number;
  readonly formats: readonly FileFormatName[];
  readonly ending: string;
}

const LFS_POINTER = 'version https://git-lfs';

/** What begins as another format's files do has the wrong name. @throws UserError */
function requireOwnName(file: string, bytes: Uint8Array): void {
  const startsWith = (text: string, at = 0): boolean =>
    Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1') === text;
  if (startsWith(LFS_POINTER)) {
    throw new UserError('this is a pointer of Git LFS and not the file itself; run `git lfs pull`');
  }
  const format = formatByName(file);
  for (const { name, at, text, first, formats, ending } of BEGINNINGS) {
    if (first !== undefined && bytes[0] !== first) continue;
    if (!startsWith(text, at) || format === undefined || formats.includes(format)) continue;
    throw new UserError(`this is ${name}; give it a name that ends in ${ending}`);
  }
}

function requireContent(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) return bytes;
  throw new UserError('the file is empty');
}

/** @throws UserError, with the file, where its name ends in none that is known */
export function fileFormat(file: string): FileFormat {
  const format = formatByName(file);
  const inside = path.join(file, SAVED_MODEL);
  const isSavedModel = existsSync(inside);
  if (format !== undefined && !isSavedModel) return FORMATS[format];
  throw new UserError(
    exportAdvice((isSavedModel ? inside : file).toLowerCase()) ??
      `this is no model file; their names end in ${modelFileEndings().join(', ')}`,
    { file },
  );
}
