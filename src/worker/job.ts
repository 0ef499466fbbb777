/**
 * Entry of the process that does one run and ends: `job <run folder> <low|normal>`. Apart from the background process so
 * that training blocks nobody, all memory comes back, and a crash has a cause. When the background process dies it stops
 * with a checkpoint: nobody would be there to stop it later.
 */
import { constants, setPriority } from 'node:os';
import { actions } from '../core/run/all-actions';
import { RunFolder } from '../core/run/run-folder';
import { RunStore } from '../core/run/run-store';
import { formatUserError } from '../core/util/errors';
import { mendable } from '../core/util/file-errors';
import { SHUT_DOWN, STOP, type JobMessage } from './messages';

const [path = '', priority] = process.argv.slice(2);
const stop = new AbortController();

process.on('message', (message) => {
  if (message === STOP) stop.abort();
  else if (message === SHUT_DOWN) stop.abort('the background process was asked to end');
});
process.on('disconnect', () => stop.abort('the background process has ended'));
// The system shuts down, or somebody means it well.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort(`its process was asked to end (${signal})`));
}
if (priority === 'low') lowerPriority();
const end = await work();
// Threads of the engine may still be there; what there was to write is written.
send(end, () => process.exit(0));

async function work(): Promise<JobMessage> {
  let begun = false;
  try {
    const folder = new RunFolder(path);
    const config = folder.loadConfig();
    const lock = await new RunStore(config.workspace).lock(config.file, (text) =>
      send({ type: 'note', text }),
    );
    try {
      if (folder.state() === 'finished' && folder.resultsProblem() === undefined) {
        return { type: 'end', how: 'finished' };
      }
      begun = true;
      const result = await actions.run({
        config,
        folder,
        signal: stop.signal,
        requireLock: () => lock.requireHeld(),
        onEvent: () => undefined,
        onNote: (text) => send({ type: 'note', text }),
        // The editor trains in trusted workspaces only.
        modulesFrom: config.workspace,
      });
      return { type: 'end', how: result.status };
    } finally {
      lock.release();
    }
  } catch (error) {
    return { type: 'end', how: begun ? 'failed' : 'refused', message: describe(error) };
  }
}

/** `then` is called in any case: there may be nobody left to send to. */
function send(message: JobMessage, then: () => void = () => undefined): void {
  if (process.connected && process.send !== undefined) {
    process.send(message, undefined, undefined, then);
  } else {
    then();
  }
}

function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Some systems do not permit it; training goes on as it is.
  }
}

function describe(error: unknown): string {
  const known = mendable(error);
  if (known !== undefined) return formatUserError(known);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
