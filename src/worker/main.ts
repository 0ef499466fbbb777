/**
 * Entry of the background process, one for each workspace folder: keeps the queue of runs and answers the editor.
 *
 *   worker --workspace <folder> [--idle-seconds <n>]
 *   worker --launch --workspace <folder> ...   starts the former apart from this process and ends
 *
 * Launching takes a step in between so that whoever ends the editor's process tree does not find the worker in it.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { restingFolder } from '../core/util/home-folder';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RunStore } from '../core/run/run-store';
import { workerPaths } from '../core/run/worker-paths';
import { formatUserError, UserError } from '../core/util/errors';
import { openForAppend } from '../core/util/read-file';
import { rotateLog } from './log';
import { runWorker } from './worker';

const { values } = parseArgs({
  options: {
    workspace: { type: 'string' },
    launch: { type: 'boolean', default: false },
    'idle-seconds': { type: 'string', default: '60' },
  },
});

try {
  const { workspace } = values;
  const idleSeconds = Number(values['idle-seconds']);
  if (workspace === undefined || !(idleSeconds >= 0)) throw new UserError('wrong arguments');
  const store = new RunStore(workspace);
  store.prepare();
  if (values.launch) launch(store, ['--workspace', workspace, '--idle-seconds', `${idleSeconds}`]);
  else await runWorker(store, { idleSeconds, job: new URL('./job.mjs', import.meta.url) });
} catch (error) {
  const known = error instanceof UserError;
  process.stderr.write(`${known ? formatUserError(error) : stackOf(error)}\n`);
  process.exitCode = known ? 1 : 2;
}

function launch({ root }: RunStore, args: readonly string[]): void {
  const { log } = workerPaths(root);
  rotateLog(log);
  const output = openForAppend(log, 'workerLog', 0o600);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    detached: true,
    stdio: ['ignore', output, output],
    windowsHide: true,
    // A folder that is some process's current one cannot be deleted on Windows.
    cwd: restingFolder(),
  });
  child.unref();
  closeSync(output);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
