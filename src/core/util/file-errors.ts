/** What the system says when it refuses a file operation, in words for people. */
import { defined } from './defined';
import { UserError } from './errors';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EFBIG: 'the file would be larger than the system allows',
  EACCES: 'permission denied; make the folder writable',
  EPERM: 'the system does not permit it; make the folder writable',
  EROFS: 'the file system is read-only; put it where it can be written',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder; move that file away or choose another path',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'something else with that name is in the way',
  ENAMETOOLONG: 'the path is too long; use shorter names or a folder nearer to the root',
  ELOOP: 'the path leads through too many links, or round in a circle; remove the link',
  EIO: 'the disk reports a read or write error',
  ENOTEMPTY: 'the folder is not empty, as another program writes into it',
  EXDEV: 'it would have to be moved to another file system',
  ESTALE: 'the network file system has lost it',
  EBUSY: 'it is in use by another program',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close other programs',
  ENOMEM: 'there is not enough memory; close other programs, or give the container more',
};

/** The error's system code (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Nothing is there: no such file, or no such folder on the way to it. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Why a file operation failed, in words for a user; the system's error stays the cause. */
export function fileErrorReason(error: unknown): string {
  const code = errorCode(error) ?? 'unknown';
  return REASONS[code] ?? `the system reports error ${code}`;
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

/** What V8 says where it cannot have the memory for an array or a buffer. */
const NO_MEMORY =
  /^(Array buffer allocation failed|Cannot create a Buffer larger than|could not allocate memory)/;

/**
 * What the system refuses the process, whoever asked for it, as a mistake that the user can mend; a UserError as it is.
 * undefined for all else, which is our bug. For those at the top, who tell of what nobody below them has put in words.
 */
export function mendable(error: unknown): UserError | undefined {
  if (error instanceof UserError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof RangeError && NO_MEMORY.test(error.message)) {
    return new UserError(
      'there is not enough memory for this; close other programs, or use less data or a smaller network',
      { cause: error },
    );
  }
  const reason = REASONS[errorCode(error) ?? ''];
  if (reason === undefined || !('syscall' in error)) return undefined;
  const file = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  const what = `the system refuses it (${String(error.syscall)}): ${reason}`;
  return new UserError(what, { cause: error, ...defined({ file }) });
}
