/** What processes that were killed leave in `.east`: temporary files, and folders of runs that never came to be. */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isThere, requireRecordPath } from '../util/read-file';
import { isDead, isTemporary, removeTemporaryFiles } from './atomic-file';
import { isRunId } from './run-paths';

const FRESH = /^\.[A-Za-z0-9_]+\.(\d+)\.[0-9a-f]{8}\.new$/;

/** Of the folder of a run of `name` until its config is in it. */
export function freshName(name: string): string {
  return `.${name}.${process.pid}.${randomBytes(4).toString('hex')}.new`;
}

/** Best effort: what cannot be removed is in nobody's way. Nothing that a living process writes is touched. */
export function removeLeftovers(root: string, runs: string): void {
  attempt(() => removeTemporaryFiles(root, 'the dead'));
  attempt(() => removeTemporaryFiles(join(root, 'float'), 'the dead'));
  for (const name of readdirSync(runs)) {
    const path = join(runs, name);
    const pid = FRESH.exec(name)?.[1];
    if (pid !== undefined && isDead(Number(pid))) attempt(() => removeFolder(path));
    if (!isRunId(name)) continue;
    attempt(() => {
      if (isThere(join(path, 'config.resolved.json'))) {
        removeTemporaryFiles(path, 'the dead');
        removeTemporaryFiles(join(path, 'checkpoints'), 'the dead');
      } else if (isEmpty(path)) removeFolder(path);
    });
  }
}

/** Earlier versions made the folder first: without its config it is no run, and nothing lists it. */
function isEmpty(path: string): boolean {
  requireRecordPath(path);
  return readdirSync(path).every((name) => name === 'config.east.json' || isTemporary(name));
}

function removeFolder(path: string): void {
  requireRecordPath(path);
  rmSync(path, { recursive: true, force: true });
}

function attempt(remove: () => void): void {
  try {
    remove();
  } catch {
    // A link in its place, or no permission.
  }
}
