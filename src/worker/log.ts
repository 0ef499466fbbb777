/** The background process's log, `.east/worker.log`: a few lines for each run, for people who look for a cause. */
import { lstatSync, renameSync } from 'node:fs';

const LIMIT = 1024 * 1024;

/** Begins a new file where the old one has become long, which stays beside it as `.1`. */
export function rotateLog(file: string): void {
  const size = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    if (size > LIMIT) renameSync(file, `${file}.1`);
  } catch {
    // Somebody has it open on Windows: it gets longer.
  }
}

/** Goes to standard error, which the launcher has pointed at the file. */
export function log(message: string): void {
  try {
    process.stderr.write(`${new Date().toISOString()} ${message}\n`);
  } catch {
    // A full disk must not end a training.
  }
}
