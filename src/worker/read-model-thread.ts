/**
 * Entry of a thread that reads one model file (bundled to dist/read-model.mjs): a large one takes seconds, in which the
 * background process answers others, and its memory comes back with the thread's end.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { readModelFile } from '../core/models/read-model-file';

const file: unknown = workerData;
if (typeof file !== 'string') throw new Error('There is no file to read.');
void readModelFile(file).then((reading) => parentPort?.postMessage(reading));
