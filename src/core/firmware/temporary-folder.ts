/** Temporary folders that go away however the work ends: done, failed, process.exit, Ctrl-C. */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOCK } from '../util/clock';
import { isRunning } from '../util/processes';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const folders = new Set<string>();

/** Nobody compiles for so long, milliseconds. */
const ABANDONED_MS = 3_600_000;

/** Runs `work` with a new empty folder in the system's temporary one, named `prefix`, the process and some letters. */
export async function withTemporaryFolder<T>(
  prefix: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  removeAbandoned(prefix);
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  if (folders.size === 0) watch();
  folders.add(folder);
  try {
    return await work(folder);
  } finally {
    remove(folder);
    folders.delete(folder);
    if (folders.size === 0) unwatch();
  }
}

/** Of processes that were killed, with which nothing of theirs could go away. Best effort. */
function removeAbandoned(prefix: string): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      if (!name.startsWith(prefix)) continue;
      const pid = /^(\d+)-[^-]{6}$/.exec(name.slice(prefix.length))?.[1];
      if (pid === undefined || isRunning(Number(pid))) continue;
      // A process of another container may have that number, and the same folder for what is temporary.
      const path = join(tmpdir(), name);
      const stats = lstatSync(path);
      if (stats.isDirectory() && CLOCK.ageMs(stats.mtimeMs) > ABANDONED_MS) remove(path);
    }
  } catch {
    // Somebody else's, or gone by now.
  }
}

function watch(): void {
  process.on('exit', removeAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unwatch(): void {
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/** Ends the process as the signal would have, unless somebody else handles it: then the work goes on or exits. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  unwatch();
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const folder of folders) {
    try {
      remove(folder);
    } catch {
      // A compiler that still writes into it; nothing more can be done on the way out.
    }
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
