/**
 * Entry of the prefetching thread (bundled to dist/batch-worker.mjs): makes the batch of every step number it is sent
 * and hands the arrays over. An exception ends the thread, which the other side reports.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BatchSource, type BatchOptions, type OwnedBatch } from './batches';

/** What the thread answers; the arrays are transferred, not copied. */
export interface BatchAnswer extends OwnedBatch {
  readonly step: number;
}

const options: BatchOptions = workerData;
const source = new BatchSource(options);
parentPort?.on('message', (step: number) => {
  const batch = source.make(step);
  const answer: BatchAnswer = { step, ...batch };
  parentPort?.postMessage(answer, [batch.x.buffer, batch.y.buffer]);
});
