/**
 * Writing a file so that a reader, or the next start after a crash, finds either the old content or the new, never
 * half of it. (The usual npm module does not look at short writes, which is what a full disk gives first.)
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../util/errors';

const TEMPORARY = /^\..+\.\d+\.tmp$/;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EFBIG: 'the file would be larger than the system allows',
  EACCES: 'permission denied; make the folder writable',
  EPERM: 'the system does not permit it; make the folder writable',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'something else with that name is in the way',
  ENAMETOOLONG: 'the path is too long',
  EIO: 'the disk reports a read or write error',
};

/** The error's system code (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Runs a file operation; what the system refuses becomes a UserError `cannot <action>: <reason>` naming `file`. */
export function withFileErrors<T>(action: string, file: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const reason = REASONS[errorCode(error) ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`cannot ${action}: ${reason}`, { file, cause: error });
  }
}

/** Replaces `file` (parent folders are made) by temporary file, fsync and rename. Throws UserError, old file intact. */
export function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  /** Permissions, for secrets; they hold from the first byte on. */
  mode = 0o666,
): void {
  const folder = dirname(file);
  const temporary = join(folder, `.${basename(file)}.${process.pid}.tmp`);
  withFileErrors('write', file, () => {
    mkdirSync(folder, { recursive: true });
    try {
      const fd = openSync(temporary, 'w', mode);
      try {
        writeFileSync(fd, content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(folder);
  });
}

/** Removes what a killed process left of its writes in `folder`. Call only where no other process is writing. */
export function removeTemporaryFiles(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Makes a rename survive a power cut. Not every system can open a folder; the rename is atomic regardless. */
function syncFolder(folder: string): void {
  let fd: number;
  try {
    fd = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // Windows and some network file systems refuse; nothing is lost but the guarantee against power cuts.
  } finally {
    closeSync(fd);
  }
}
