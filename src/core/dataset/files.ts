/** Finding and reading the files a config names, so that every format reports a missing or unreadable one alike. */
import { statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { globFiles, isPattern, literalFirst, splitPattern } from '../config/glob';
import { linkProblem } from '../config/paths';
import { isInside } from '../config/workspace';
import { UserError } from '../util/errors';
import * as plain from '../util/read-file';

/** Unpacked, a data file has no more bytes than one that is not packed. */
const MAX_FILE_BYTES = plain.FILE_KINDS.data.mostBytes;

/**
 * Files that `pattern` (an absolute path or glob) names, sorted by path so that the order never depends on the file
 * system. What exists under just that name wins over its reading as a glob, so brackets in names do no harm. Nothing
 * outside the workspace folder is found, also not through symbolic links.
 * @param key the config key the pattern comes from, for the message
 */
export async function findFiles(
  pattern: string,
  key: string,
  workspace: string,
): Promise<string[]> {
  const split = splitPattern(pattern, workspace);
  confine(split.folder, key, workspace);
  const { folder, rest } = await literalFirst(split);
  confine(folder, key, workspace);
  if (rest === '') return [existingFile(folder, key)];
  if (!isPattern(rest)) {
    throw new UserError(`${key}: no such file`, { file: join(folder, rest) });
  }
  const found = await globFiles({ folder, rest }, { workspace });
  if (found.length === 0) {
    throw new UserError(`${key}: no file matches this pattern`, { file: join(folder, rest) });
  }
  return found;
}

/** Throws UserError where a path leaves the workspace folder, by itself or through a link. */
export function confine(path: string, key: string, workspace: string): void {
  if (!isInside(path, workspace)) {
    throw new UserError(
      `${key} leads out of the workspace folder ${workspace}; copy the data into it`,
      {
        file: path,
      },
    );
  }
  const problem = linkProblem(path, workspace);
  if (problem !== undefined) throw new UserError(`${key}: ${problem}`);
}

function existingFile(file: string, key: string): string {
  let stats: Stats;
  try {
    stats = statSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const absent = /^(ENOENT|ENOTDIR|ENAMETOOLONG)\b/.test(reason);
    throw new UserError(`${key}: ${absent ? 'no such file' : `cannot be read (${reason})`}`, {
      file,
      cause: error,
    });
  }
  if (stats.isFile()) return file;
  const found = stats.isDirectory() ? 'a folder' : 'a device or pipe';
  throw new UserError(`${key} must name files, but this is ${found}`, { file });
}

/** Bytes of a file; the error of a missing or unreadable one, or of what is no plain file, says which. */
export function readBytes(file: string): Uint8Array {
  return plain.readBytes(file, 'data');
}

/** As `readBytes`, unpacked when the content (not the name) is gzip. */
export function readMaybeGzipped(file: string): Uint8Array {
  const bytes = readBytes(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `the gzip data is damaged or cut off after ${bytes.length} bytes (${reason})`,
      { file, cause: error },
    );
  }
}

/**
 * The first bytes of a file, unpacked where it is gzip, for those who only want to know what it is. Throws UserError
 * where it cannot be read.
 * @param length bytes read; unpacked they may be more
 */
export function readStart(file: string, length: number): Uint8Array {
  const bytes = plain.withOpenFile(file, 'data', ({ read }) => {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, read(buffer, 0));
  });
  if (bytes === undefined) throw new UserError('cannot be read: no such file', { file });
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  // The data is cut off on purpose: take what can be unpacked.
  return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
}
