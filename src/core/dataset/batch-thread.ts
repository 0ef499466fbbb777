/** Starts the prefetching thread. */
import type { Worker } from 'node:worker_threads';
import { startThread } from '../util/start-thread';
import type { BatchOptions } from './batches';

export function startBatchThread(options: BatchOptions): Promise<Worker> {
  return startThread(
    {
      name: 'batches',
      bundle: './batch-worker.mjs',
      caller: import.meta.url,
      source: './batch-worker.ts',
    },
    options,
  );
}
