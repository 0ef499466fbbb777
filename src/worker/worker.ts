/** The background process: one for each workspace folder, there as long as it is needed. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { version } from '../../package.json';
import { writeFileAtomic } from '../core/run/atomic-file';
import { acquireLock, lockOwner } from '../core/run/lock';
import type { RunStore } from '../core/run/run-store';
import { workerPaths, type WorkerPaths } from '../core/run/worker-paths';
import { UserError } from '../core/util/errors';
import {
  PROTOCOL_VERSION,
  queueState,
  workerFile,
  type QueueState,
  type WorkerFile,
} from '../protocol/worker';
import { log } from './log';
import { RunQueue, type QueueListener } from './run-queue';
import { WorkerServer, type Handlers } from './server';
import { makeSocketAddress, removeSocket } from './socket-address';
import { readModel } from './read-model';
import { generateSources, verifySources } from './sources';
import { readStored } from '../core/util/stored-file';

const SAVE_AGAIN_MS = 200;

export interface WorkerOptions {
  /** Without work and without a connection it ends after so long. */
  readonly idleSeconds: number;
  /** The program of one run (job.ts). */
  readonly job: URL;
}

/** Resolves when it listens; returns at once where another one has the workspace already. */
export async function runWorker(store: RunStore, options: WorkerOptions): Promise<void> {
  const paths = workerPaths(store.root);
  // Two windows may start one at the same moment; both then find the one that was first.
  if (lockOwner(paths.lock) !== undefined) return;
  const lock = await acquireLock(paths.lock, 'the workspace', { onWait: log });
  const orphan = removeLeftovers(paths);
  const address = makeSocketAddress();
  const token = randomBytes(32).toString('hex');
  let [connections, underway] = [0, 0];
  let idle: NodeJS.Timeout | undefined;
  let closing = false;

  const listener: QueueListener = {
    onChange: (state) => {
      saveLatest();
      server.notifyAll('queue/changed', state);
      considerIdling();
    },
    onNote: (runId, text) => {
      log(`${runId}: ${text}`);
      server.notifyAll('run/note', { runId, text });
    },
  };
  const queue = new RunQueue(store, options.job, listener, orphan);
  let retry: NodeJS.Timeout | undefined;
  let saveProblem: string | undefined;
  function saveLatest(): void {
    clearTimeout(retry);
    const problem = saveQueue(paths, queue.state);
    if (problem !== undefined && problem !== saveProblem) log(problem);
    saveProblem = problem;
    if (problem !== undefined) retry = setTimeout(saveLatest, SAVE_AGAIN_MS);
  }
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    underway++;
    try {
      return await work();
    } finally {
      underway--;
      considerIdling();
    }
  };
  const server = new WorkerServer(token, handlers(store, queue, counted, askToEnd), {
    onConnections: (count) => {
      connections = count;
      considerIdling();
    },
    onFault: log,
  });

  function considerIdling(): void {
    clearTimeout(idle);
    if (closing) return end();
    if (connections > 0 || underway > 0 || queue.busy) return;
    idle = setTimeout(end, options.idleSeconds * 1000);
  }

  function askToEnd(): void {
    if (queue.busy || underway > 0) throw new UserError('the background process is at work');
    // After the answer is on its way.
    setImmediate(end);
  }

  function end(): void {
    if (queue.busy || underway > 0) return;
    clearTimeout(idle);
    clearTimeout(retry);
    // First the file: whoever reads it now finds none, and waits for the lock to be free.
    rmSync(paths.worker, { force: true });
    rmSync(paths.queue, { force: true });
    server.close();
    address.remove();
    lock.release();
    log('ended');
    // What is still being sent gets out; nothing else is left to wait for.
    setTimeout(() => process.exit(0), 500).unref();
  }

  // The system shuts down: the run stops with a checkpoint, the rest of the queue can be resumed.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      closing = true;
      queue.close();
      considerIdling();
    });
  }
  process.on('SIGHUP', () => undefined);

  try {
    await server.listen(address.path);
    saveLatest();
    const file: WorkerFile = {
      protocol: PROTOCOL_VERSION,
      version,
      pid: process.pid,
      host: hostname(),
      socket: address.path,
      token,
    };
    writeFileAtomic(paths.worker, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  } catch (error) {
    server.close();
    address.remove();
    lock.release();
    throw error;
  }
  log(`EAST ${version}, process ${process.pid}`);
  considerIdling();
}

function handlers(
  store: RunStore,
  queue: RunQueue,
  counted: <T>(work: () => Promise<T>) => Promise<T>,
  end: () => void,
): Handlers {
  return {
    initialize: () => ({
      version,
      protocol: PROTOCOL_VERSION,
      pid: process.pid,
      queue: queue.state,
    }),
    'queue/get': () => queue.state,
    'run/start': ({ configFile, priority }) =>
      counted(async () => ({ runId: await queue.start(configFile, priority) })),
    'run/resume': ({ runId, priority }) =>
      counted(async () => {
        await queue.resume(runId, priority);
        return {};
      }),
    'run/stop': ({ runId }) => {
      queue.stop(runId);
      return {};
    },
    'sources/generate': ({ configFile, runId, force }) =>
      counted(() => generateSources(store, configFile, { runId, force })),
    'sources/verify': ({ configFile, runId, progress }, { signal, notify }) =>
      counted(async () => {
        const onMessage = (text: string): void => notify('sources/note', { progress, text });
        const { ok, targets } = await verifySources(store, configFile, runId, {
          onMessage,
          signal,
        });
        return {
          ok,
          targets: targets.map(({ figures, ...target }) => ({
            ...target,
            figures: figures.map(([name, value]): [string, string] => [name, value]),
          })),
        };
      }),
    'model/read': ({ file }, { signal }) => counted(() => readModel(file, store.workspace, signal)),
    shutdown: () => {
      end();
      return {};
    },
  };
}

/** Returns what was in the way, if anything: the disk may be full, and on Windows a file that is just being read cannot be replaced. */
function saveQueue({ queue }: WorkerPaths, state: QueueState): string | undefined {
  try {
    writeFileAtomic(queue, `${JSON.stringify(state)}\n`);
    return undefined;
  } catch (error) {
    return `the queue cannot be written: ${String(error)}`;
  }
}

/** Of one that was killed. Returns the process of the run it had, which stops by itself. */
function removeLeftovers(paths: WorkerPaths): number | undefined {
  const file = readStored(workerFile, paths.worker, 'note');
  if (file !== undefined && process.platform !== 'win32') removeSocket(file.socket);
  const queue = readStored(queueState, paths.queue, 'queue');
  rmSync(paths.worker, { force: true });
  rmSync(paths.queue, { force: true });
  return queue?.running?.pid;
}
