/** Reads model files for the editor, each in a thread of its own. */
import type { Worker } from 'node:worker_threads';
import { checkResolved, linkProblem } from '../core/config/paths';
import { UserError } from '../core/util/errors';
import { errorCode } from '../core/util/file-errors';
import { startThread } from '../core/util/start-thread';
import type { Result } from '../protocol/worker';

type Reading = Result<'model/read'>;

/**
 * @param workspace folder that the file, and what it leads to, may not lie outside of
 * @throws UserError where it does, and the signal's reason when aborted
 */
export async function readModel(
  file: string,
  workspace: string,
  signal: AbortSignal,
): Promise<Reading> {
  const checked = checkResolved(file, workspace, 'path');
  if (typeof checked === 'string') throw new UserError(checked);
  const problem = linkProblem(file, workspace);
  if (problem !== undefined) throw new UserError(problem);
  signal.throwIfAborted();
  const thread = await startThread(
    {
      name: 'east read-model',
      bundle: './read-model.mjs',
      caller: import.meta.url,
      source: './read-model-thread.ts',
    },
    file,
  );
  try {
    signal.throwIfAborted();
    return await readingOf(thread, signal);
  } finally {
    void thread.terminate();
  }
}

function readingOf(thread: Worker, signal: AbortSignal): Promise<Reading> {
  return new Promise((done, failed) => {
    signal.addEventListener('abort', () => failed(asError(signal.reason)), { once: true });
    thread.once('message', (reading: Reading) => done(reading));
    thread.once('error', (error) => {
      const full = errorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
      failed(full ? new UserError('reading it takes more memory than there is') : error);
    });
    thread.once('exit', (code) =>
      failed(new Error(`the thread that reads models ended with code ${code}`)),
    );
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
