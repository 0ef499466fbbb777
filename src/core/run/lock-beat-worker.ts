/** Entry of the thread that beats for a lock (bundled to dist/lock-beat-worker.mjs), until its process ends it. */
import { parentPort, workerData } from 'node:worker_threads';
import { keepBeating, type Beating } from './lock-beat';

const work: Beating = workerData;
keepBeating(work);
// Keeps the thread; the process does not wait for it.
parentPort?.on('message', () => undefined);
