/** Where a workspace's background process leaves what others must know of it. */
import { join } from 'node:path';

export interface WorkerPaths {
  /** Held by the background process as long as it lives. */
  readonly lock: string;
  /** How to reach it, with the secret (protocol/worker.ts, workerFile). */
  readonly worker: string;
  /** What it is doing (queueState). */
  readonly queue: string;
  readonly log: string;
}

/** `root`: the `.east` folder. */
export function workerPaths(root: string): WorkerPaths {
  return {
    lock: join(root, 'locks', 'worker.lock'),
    worker: join(root, 'worker.json'),
    queue: join(root, 'queue.json'),
    log: join(root, 'worker.log'),
  };
}
