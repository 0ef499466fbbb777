/**
 * One run per config at a time. The lock is a file that names its owner; one whose owner is dead (kill -9, power cut) is
 * taken over at once where its process can be looked at. Where it cannot (another computer, another container), the lock
 * is a lease: its owner touches it at an interval, and one that is seen to lie untouched for ten of them is taken over.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { discard } from './atomic-file';
import { CLOCK, type Clock } from '../util/clock';
import { UserError } from '../util/errors';
import { errorCode, withFileErrors } from '../util/file-errors';
import { isRunning } from '../util/processes';
import { requireRecordPath, textIfThere, UnusableFile } from '../util/read-file';
import { startThread } from '../util/start-thread';
import { keepBeating, type Beating } from './lock-beat';
import { currentOwner, isSeenFromHere, type OwnerRecord } from './lock-owner';
import { LockWatch, sightOf, type Sight } from './lock-watch';

/** Milliseconds between two signs of life. */
const BEAT_MS = 3000;
/** Between two looks at a lock of which it is not known whether it is held. */
const LOOK_MS = 200;

/** Files of the locks that this process holds. */
const HELD = new Set<string>();

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Whether `pid` means its process here, too: not on another computer, nor in another container. */
  readonly here: boolean;
}

export interface RunLock {
  release(): void;
  /** Throws UserError where another process has taken the lock over: this one was held up for too long. */
  requireHeld(): void;
}

export interface LockOptions {
  readonly clock?: Clock;
  /** Told once where it takes some time to see whether the lock's owner lives. */
  readonly onWait?: (note: string) => void;
}

/** Throws UserError where a living process holds the lock; `what` names the locked thing in that message. */
export async function acquireLock(
  file: string,
  what: string,
  { clock = CLOCK, onWait }: LockOptions = {},
): Promise<RunLock> {
  const mine = JSON.stringify(currentOwner(BEAT_MS));
  requireRecordPath(file);
  withFileErrors('create the lock', file, () => mkdirSync(dirname(file), { recursive: true }));
  const watch = new LockWatch(clock);
  let waiting = false;
  for (let attempt = 0; attempt < 10;) {
    if (createExclusively(file, mine)) {
      removeLeftovers(file);
      return hold(file, what, mine);
    }
    const sight = sightOf(file);
    const isLeftover = sight?.text === mine && !HELD.has(file);
    const verdict = isLeftover ? 'free' : watch.verdict(file, sight);
    if (verdict === 'held') throw heldError(file, what, sight?.owner);
    if (verdict === 'free') {
      if (sight !== undefined) removeStale(file, sight);
      attempt++;
      continue;
    }
    if (!waiting && sight?.owner !== undefined) {
      const { pid, host } = sight.owner;
      onWait?.(`waiting to see whether process ${pid} on ${host}, which has ${what}, still lives`);
      waiting = true;
    }
    await clock.delay(LOOK_MS);
  }
  throw new UserError(`${what}: other processes keep taking the lock; try again`, { file });
}

/** The pid of the living process that holds the lock, undefined when it is free. */
export function lockHolder(file: string, watch: LockWatch = WATCH): number | undefined {
  return lockOwner(file, watch)?.pid;
}

/** What this process has seen of all the locks that it looks at. */
const WATCH = new LockWatch(CLOCK);

/** Who holds the lock, as far as can be known from here; undefined when it is free. */
export function lockOwner(file: string, watch: LockWatch = WATCH): LockOwner | undefined {
  const sight = sightOfLock(file);
  const verdict = watch.verdict(file, sight);
  if (sight?.owner === undefined || verdict === 'free') return undefined;
  if (verdict === 'doubt' && !watch.looksFresh(sight)) return undefined;
  const { pid, host } = sight.owner;
  return { pid, host, here: isSeenFromHere(sight.owner) };
}

/** What is no plain file was not made by any owner. */
function sightOfLock(file: string): Sight | undefined {
  try {
    return sightOf(file);
  } catch (error) {
    if (error instanceof UnusableFile) return undefined;
    throw error;
  }
}

function heldError(file: string, what: string, owner: OwnerRecord | undefined): UserError {
  const by = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  // Whoever beats is there; of one that does not, nothing is known.
  const doubt = owner?.beatMs === undefined ? ' (if there is none, delete this file)' : '';
  return new UserError(`${what} is already being run by ${by}; stop that one first${doubt}`, {
    file,
  });
}

function hold(file: string, what: string, mine: string): RunLock {
  HELD.add(file);
  const stopBeating = startBeating({ file, mine, beatMs: BEAT_MS });
  return {
    release: () => {
      stopBeating();
      HELD.delete(file);
      try {
        if (textIfThere(file, 'note') === mine) rmSync(file, { force: true });
      } catch {
        // The disk refuses it: whoever comes next finds that this process has ended, or holds it no more.
      }
    },
    requireHeld: () => {
      if (textIfThere(file, 'note') === mine) return;
      throw new UserError(
        `${what}: another process has taken the lock over, or somebody has deleted it; this one writes no more`,
        { file },
      );
    },
  };
}

/** Returns what ends it. */
function startBeating(work: Beating): () => void {
  let stopped = false;
  const thread = startThread(
    {
      name: 'lock',
      bundle: './lock-beat-worker.mjs',
      caller: import.meta.url,
      source: './lock-beat-worker.ts',
    },
    work,
  );
  // Without a thread it beats when the event loop has the time.
  const onError = (): void => {
    if (!stopped) keepBeating(work);
  };
  thread.then((worker) => {
    worker.unref();
    worker.on('error', onError);
  }, onError);
  return () => {
    stopped = true;
    thread.then(
      (worker) => void worker.terminate(),
      () => undefined,
    );
  };
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
      discard(file);
      throw error;
    } finally {
      closeSync(fd);
    }
    return true;
  });
}

/**
 * Two processes may find the same dead owner, and one may turn out to live after all: moving the file away first shows
 * whose lock one has really removed.
 */
function removeStale(file: string, expected: Sight): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = sightOf(aside);
  if (moved !== undefined && (moved.text !== expected.text || moved.mtimeMs !== expected.mtimeMs)) {
    createExclusively(file, moved.text);
  }
  rmSync(aside, { force: true });
}

/** Of processes that were killed while they took a lock over. */
function removeLeftovers(file: string): void {
  for (const name of readdirSync(dirname(file))) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const pid = /^\.(\d+)\.stale$/.exec(name.slice(basename(file).length))?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(dirname(file), name), { force: true });
    }
  }
}
