/** Finding and reading the files a config names, so that every format reports a missing or unreadable one alike. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UserError } from '../util/errors';

/** Refuses single data files that cannot be held in memory anyway; well above any set for a microcontroller. */
const MAX_FILE_BYTES = 2 ** 31;

/**
 * Files that `pattern` (an absolute path or glob) names, sorted by path so that the order never depends on the file
 * system. An existing path wins over its reading as a glob, so brackets in folder names do no harm.
 * @param key the config key the pattern comes from, for the message
 */
export async function findFiles(pattern: string, key: string): Promise<string[]> {
  const stats = statSync(pattern, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [pattern];
  if (stats?.isDirectory() === true) {
    throw new UserError(`${key} must name files, but this is a folder`, { file: pattern });
  }
  if (!isDynamicPattern(pattern)) throw new UserError(`${key}: no such file`, { file: pattern });
  const found = await glob(pattern, {
    absolute: true,
    expandDirectories: false,
  });
  if (found.length === 0)
    throw new UserError(`${key}: no file matches this pattern`, { file: pattern });
  return found.sort();
}

/** Bytes of a file; the error of a missing or unreadable one says which. */
export function readBytes(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) {
      throw new UserError(`${size} bytes are too many to load; split it or set dataset.limit`, {
        file,
      });
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot be read (${reason})`, { file, cause: error });
  }
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
 * The first bytes of a file, unpacked where it is gzip, for those who only want to know what it is. Throws what the
 * system says where it cannot be read.
 * @param length bytes read; unpacked they may be more
 */
export function readStart(file: string, length: number): Uint8Array {
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    const bytes = buffer.subarray(0, readSync(descriptor, buffer, 0, length, 0));
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    // The data is cut off on purpose: take what can be unpacked.
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } finally {
    closeSync(descriptor);
  }
}
