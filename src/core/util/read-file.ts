/**
 * The one way in which files of a workspace are read. A workspace may be anybody's: where a record is expected there may
 * be a link to a device, a named pipe that never answers, or a file of sixteen gigabytes. So what a file is and how large
 * it is gets looked at before it is opened, and once more when it is open; lint keeps others from opening files.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { UserError } from './errors';
import { errorCode, withFileErrors } from './file-errors';

const KIB = 1024;
const MIB = 1024 * KIB;

interface Kind {
  /** What such a file is called, with its article. */
  readonly what: string;
  /** A file of this kind is never larger; bytes. */
  readonly mostBytes: number;
  /**
   * Whether it may be a symbolic link. What EAST itself writes never is one. What the user names may be, and where that
   * leads is checked before (config/paths.ts).
   */
  readonly links: 'refused' | 'followed';
}

/** Everything that is read from a workspace, with the bounds of its size. */
export const FILE_KINDS = {
  config: { what: 'a config', mostBytes: MIB, links: 'followed' },
  linkerScript: { what: 'a linker script', mostBytes: MIB, links: 'followed' },
  map: { what: "a linker's map", mostBytes: 64 * MIB, links: 'followed' },
  data: { what: 'a data file', mostBytes: 2048 * MIB - 1, links: 'followed' },
  network: { what: 'a model file', mostBytes: 512 * MIB, links: 'followed' },
  /** The pixels that are wanted are counted before they are unpacked; this is for all the rest. */
  picture: { what: 'an image', mostBytes: 64 * MIB, links: 'followed' },
  /** Of EAST itself, in no workspace. */
  program: { what: 'a part of EAST', mostBytes: 16 * MIB, links: 'followed' },
  weights: { what: 'a checkpoint', mostBytes: 2048 * MIB - 1, links: 'followed' },

  /** In `.east/runs/<id>/`. Written out with every default a config grows to some times its size. */
  recordedConfig: { what: 'a recorded config', mostBytes: 4 * MIB, links: 'refused' },
  /** Read in pieces; a million steps have 250 MB. */
  events: { what: 'an event log', mostBytes: 1024 * MIB, links: 'refused' },
  /** `data.json`: one entry a file or folder (dataset/fingerprint.ts). */
  dataRecord: { what: 'a record of data', mostBytes: 64 * MIB, links: 'refused' },
  report: { what: 'a report', mostBytes: 4 * MIB, links: 'refused' },
  /** Beside the log. */
  summary: { what: 'a summary of a log', mostBytes: MIB, links: 'refused' },
  /** `exit.json`, `code-size.json`, `worker.json` and locks. */
  note: { what: 'a note of EAST', mostBytes: 64 * KIB, links: 'refused' },
  queue: { what: 'the queue', mostBytes: MIB, links: 'refused' },
  checkpoint: { what: 'a checkpoint', mostBytes: 2048 * MIB - 1, links: 'refused' },
  model: { what: 'an encoded model', mostBytes: 256 * MIB, links: 'refused' },
  examples: { what: 'a file of examples', mostBytes: 256 * MIB, links: 'refused' },
  workerLog: { what: 'the log of the background process', mostBytes: 16 * MIB, links: 'refused' },

  /** In the folder of generated sources. */
  manifest: { what: 'a manifest', mostBytes: MIB, links: 'refused' },
  source: { what: 'a generated source', mostBytes: 64 * MIB, links: 'refused' },
} as const satisfies Readonly<Record<string, Kind>>;

export type FileKind = keyof typeof FILE_KINDS;

/** The folder in which EAST keeps its records. From it on no part of a path may be a link. */
const RECORDS = '.east';

/** Content of a file. Throws UserError where it is missing, no plain file, too large, or refused by the system. */
export function readBytes(file: string, kind: FileKind): Buffer {
  return bytesIfThere(file, kind) ?? missing(file);
}

/** As readBytes, as UTF-8. */
export function readText(file: string, kind: FileKind): string {
  return textIfThere(file, kind) ?? missing(file);
}

/** As readBytes; undefined where there is no such file. */
export function bytesIfThere(file: string, kind: FileKind): Buffer | undefined {
  return withOpenFile(file, kind, ({ size, read }) => {
    // Memory of its own: typed arrays may be laid over it.
    const buffer = Buffer.allocUnsafeSlow(size);
    return buffer.subarray(0, read(buffer, 0));
  });
}

export function textIfThere(
  file: string,
  kind: FileKind,
  encoding: 'utf8' | 'latin1' = 'utf8',
): string | undefined {
  return bytesIfThere(file, kind)?.toString(encoding);
}

export interface OpenFile {
  readonly descriptor: number;
  /** Bytes when it was opened: it is not read beyond, whatever is appended meanwhile. */
  readonly size: number;
  /** Fills `buffer` from the file's byte `position` on; fewer bytes where it ends before. */
  read(buffer: Uint8Array, position: number): number;
}

/** Hands an open file to `use`, for those who want only a part of it or no more than a part at once. */
export function withOpenFile<T>(
  file: string,
  kind: FileKind,
  use: (open: OpenFile) => T,
): T | undefined {
  return withFileErrors('read', file, () => {
    if (look(file, kind) === undefined) return undefined;
    const descriptor = openIfThere(file, FLAGS[FILE_KINDS[kind].links]);
    if (descriptor === undefined) return undefined;
    try {
      const stats = fstatSync(descriptor);
      requirePlain(stats, file, kind);
      const { size } = stats;
      return use({
        descriptor,
        size,
        read: (buffer, position) => {
          const wanted = Math.max(0, Math.min(buffer.length, size - position));
          let done = 0;
          while (done < wanted) {
            const length = Math.min(wanted - done, LARGEST_READ);
            const bytes = readSync(descriptor, buffer, done, length, position + done);
            if (bytes === 0) break;
            done += bytes;
          }
          return done;
        },
      });
    } finally {
      closeSync(descriptor);
    }
  });
}

/** As withOpenFile for those who do not block; the caller closes it. undefined where there is no such file. */
export async function openHandle(file: string, kind: FileKind): Promise<FileHandle | undefined> {
  if (look(file, kind) === undefined) return undefined;
  const handle = await open(file, FLAGS[FILE_KINDS[kind].links]).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    requirePlain(await handle.stat(), file, kind);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens a file of `.east` to append to it and to read it, and makes it where there is none. Throws UserError where it is no plain file;
 * what the system refuses is thrown as it is.
 */
export function openForAppend(file: string, kind: FileKind, mode = 0o666): number {
  look(file, kind);
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const flags = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW;
  const descriptor = openSync(file, flags, mode);
  try {
    requirePlain(fstatSync(descriptor), file, kind);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Status of a file of that kind, its size bounded; undefined where there is none. Throws UserError where it is anything
 * but a plain file.
 */
export function look(file: string, kind: FileKind): Stats | undefined {
  const { links } = FILE_KINDS[kind];
  if (links === 'refused') requireRecordPath(file);
  const status = links === 'refused' ? lstatSync : statSync;
  const stats = withFileErrors('read', file, () => {
    try {
      return status(file, { throwIfNoEntry: false });
    } catch (error) {
      if (errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  });
  if (stats !== undefined) requirePlain(stats, file, kind);
  return stats;
}

/** Whether there is a file, or anything else, of that name; broken links count as well. */
export function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** What is in a record's place and cannot be one, whatever it is that wants to read or write it there. */
export class UnusableFile extends UserError {}

/**
 * EAST's own records lie in plain folders: a link on the way would have it read, write and delete elsewhere. Throws
 * UnusableFile for a path of which any part from `.east` on is a link. Paths without such a part are left alone.
 */
export function requireRecordPath(path: string): void {
  const { root } = parse(path);
  const parts = path.slice(root.length).split(sep === '\\' ? /[\\/]/ : sep);
  const first = parts.lastIndexOf(RECORDS);
  if (first < 0) return;
  for (let length = first + 1; length <= parts.length; length++) {
    const place = join(root, ...parts.slice(0, length));
    const stats = withFileErrors('read', place, () => lstatIfThere(place));
    if (stats === undefined) return;
    if (stats.isSymbolicLink()) {
      throw new UnusableFile(
        'this is a symbolic link; EAST keeps its records in plain files and folders, so put what it points at in its place, or remove it',
        { file: place },
      );
    }
  }
}

/** In one call Node.js reads no more than 2 GiB. */
const LARGEST_READ = 1024 * MIB;

/** Absent on Windows, where neither links that anybody may make nor named pipes lie in folders. */
const { O_RDONLY } = constants;
const O_NONBLOCK: number = constants.O_NONBLOCK ?? 0;
const O_NOFOLLOW: number = constants.O_NOFOLLOW ?? 0;
const FLAGS = {
  followed: O_RDONLY | O_NONBLOCK,
  refused: O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
} as const;

function lstatIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Gone since it was looked at, perhaps. */
function openIfThere(file: string, flags: number): number | undefined {
  try {
    return openSync(file, flags);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function requirePlain(stats: Stats, file: string, kind: FileKind): void {
  const { what, mostBytes } = FILE_KINDS[kind];
  if (!stats.isFile()) {
    throw new UnusableFile(`this is ${kindOf(stats)}, where ${what} is expected; move it away`, {
      file,
    });
  }
  if (stats.size > mostBytes) {
    throw new UnusableFile(
      `the file has ${stats.size} bytes; ${what} has at most ${mostBytes}, so it is not read`,
      { file },
    );
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function missing(file: string): never {
  throw new UserError('cannot be read: no such file or folder', { file });
}
