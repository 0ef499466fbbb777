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
import { errorCode, withFileErrors } from '../util/file-errors';
import { isRunning } from '../util/processes';
import { requireRecordPath } from '../util/read-file';

const TEMPORARY = /^\..+\.(\d+)\.tmp$/;

export interface WriteOptions {
  /** Permissions, for secrets; they hold from the first byte on. */
  readonly mode?: number;
  /** Whether the folder is made where it is not there; a run's may have been deleted, and stays so. */
  readonly folder?: 'made' | 'there';
}

/** Replaces `file` by temporary file, fsync and rename. Throws UserError, old file intact. */
export function writeFileAtomic(
  file: string,
  content: string | Uint8Array,
  { mode = 0o666, folder: parents = 'made' }: WriteOptions = {},
): void {
  const folder = dirname(file);
  const temporary = join(folder, `.${basename(file)}.${process.pid}.tmp`);
  requireRecordPath(folder);
  withFileErrors('write', file, () => {
    if (parents === 'made') mkdirSync(folder, { recursive: true });
    try {
      const fd = openNew(temporary, mode);
      try {
        writeFileSync(fd, content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, file);
    } catch (error) {
      discard(temporary);
      throw error;
    }
    syncFolder(folder);
  });
}

/** On the way out of a failure, whose error is the one to tell: what cannot be removed goes with the next leftovers. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The disk refuses this as well.
  }
}

/** Something that has that name, a link perhaps, is not written to: it goes, and a file of ours takes its place. */
function openNew(file: string, mode: number): number {
  try {
    return openSync(file, 'wx', mode);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    rmSync(file, { recursive: true, force: true });
    return openSync(file, 'wx', mode);
  }
}

/** Removes what killed processes left of their writes in `folder`; of `all` only where no other process is writing. */
export function removeTemporaryFiles(folder: string, of: 'all' | 'the dead'): void {
  requireRecordPath(folder);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid === undefined || (of === 'the dead' && !isDead(Number(pid)))) continue;
    rmSync(join(folder, name), { force: true });
  }
}

/** Writes are not interrupted by anything else of their process: what is found of this one is of a write that failed. */
export function isDead(pid: number): boolean {
  return pid === process.pid || !isRunning(pid);
}

export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Makes a rename survive a power cut. Not every system can open a folder; the rename is atomic regardless. */
export function syncFolder(folder: string): void {
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
