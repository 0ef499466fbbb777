/**
 * One run per config at a time. The lock is a file that names its owner; one whose owner is dead (kill -9, power cut)
 * is taken over at once. Locks that live by renewing a timestamp do not fit: training blocks the event loop for long
 * stretches, and nobody should wait ten seconds to resume.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { UserError } from '../util/errors';
import { errorCode, withFileErrors } from '../util/file-errors';
import { isRunning } from '../util/processes';
import { requireRecordPath, textIfThere, UnusableFile } from '../util/read-file';
import { checkJson, size, type Every } from '../util/stored';
import { readSystemFile } from '../util/system-file';

/** A lock file without readable content is being written this very moment, or its writer was killed doing so. */
const WRITING_MS = 2000;

/** State of a process that is dead but whose parent has not asked for its exit status yet. */
const ZOMBIE = 'Z';

export interface LockOwner {
  readonly pid: number;
  /** Name of its computer: a folder may be shared between several. */
  readonly host: string;
}

interface Owner extends LockOwner {
  /** When the process started, in the system's own units, so that a reused pid is not mistaken; '' if unknown. */
  readonly start: string;
}

export interface RunLock {
  release(): void;
}

/** Throws UserError where a living process holds the lock; `what` names the locked thing in that message. */
export function acquireLock(file: string, what: string): RunLock {
  const mine = JSON.stringify(currentOwner());
  requireRecordPath(file);
  withFileErrors('create the lock', file, () => mkdirSync(dirname(file), { recursive: true }));
  for (let attempt = 0; attempt < 10; attempt++) {
    if (createExclusively(file, mine)) return { release: () => release(file, mine) };
    const found = textIfThere(file, 'note');
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner === undefined ? ageOf(file) < WRITING_MS : isAlive(owner)) {
      const by = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
      throw new UserError(
        `${what} is already being run by ${by}; stop that one first (if there is none, delete this file)`,
        { file },
      );
    }
    removeStale(file, found);
  }
  throw new UserError(`${what}: other processes keep taking the lock; try again`, { file });
}

/** The pid of the living process that holds the lock, undefined when it is free. */
export function lockHolder(file: string): number | undefined {
  return lockOwner(file)?.pid;
}

/** Who holds the lock, as far as can be known from here; undefined when it is free. */
export function lockOwner(file: string): LockOwner | undefined {
  const owner = parseOwner(textOfLock(file) ?? '');
  return owner !== undefined && isAlive(owner) ? owner : undefined;
}

/** What is no plain file was not made by any owner. */
function textOfLock(file: string): string | undefined {
  try {
    return textIfThere(file, 'note');
  } catch (error) {
    if (error instanceof UnusableFile) return undefined;
    throw error;
  }
}

function createExclusively(file: string, content: string): boolean {
  return withFileErrors('create the lock', file, () => {
    let fd: number;
    try {
      fd = openSync(file, 'wx');
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      writeFileSync(fd, content);
    } catch (error) {
      // A full disk: nobody shall wait for an owner that the file cannot name.
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    return true;
  });
}

function release(file: string, mine: string): void {
  if (textIfThere(file, 'note') === mine) rmSync(file, { force: true });
}

/** Two processes may find the same dead owner: moving the file away first shows whose lock one has really removed. */
function removeStale(file: string, expected: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = textIfThere(aside, 'note');
  if (moved !== undefined && moved !== expected) createExclusively(file, moved);
  rmSync(aside, { force: true });
}

function ageOf(file: string): number {
  try {
    // eslint-disable-next-line no-restricted-properties -- the file's time is the system clock's
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

const ownerSchema: v.GenericSchema<unknown, Owner> = v.object({
  pid: size,
  host: v.pipe(v.string(), v.maxLength(300)),
  start: v.pipe(v.string(), v.maxLength(300)),
} satisfies Every<Owner>);

function parseOwner(text: string): Owner | undefined {
  const checked = checkJson(ownerSchema, text);
  return 'value' in checked ? checked.value : undefined;
}

function currentOwner(): Owner {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid) };
}

/** Only a process of this machine can be looked at; one of another (shared folder) counts as alive. */
function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true;
  if (!isRunning(owner.pid)) return false;
  const start = startOf(owner.pid);
  return start === '' || (start !== ZOMBIE && (owner.start === '' || start === owner.start));
}

/** Start time in clock ticks since boot with the boot's id, from Linux's /proc; '' where that cannot be read. */
function startOf(pid: number): string {
  const stat = readSystemFile(`/proc/${pid}/stat`);
  if (stat === undefined) return '';
  // The command's name may hold spaces and parentheses. After it come the state, field 3, and the start, field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === ZOMBIE) return ZOMBIE;
  const boot = readSystemFile('/proc/sys/kernel/random/boot_id');
  return boot === undefined ? '' : `${boot.trim()}/${fields[19] ?? ''}`;
}
