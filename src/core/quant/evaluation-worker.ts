/**
 * Entry of a thread that evaluates (bundled to dist/evaluation-worker.mjs): does its share and says how it went. An
 * exception ends the thread, which the other side reports.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { evaluateShare, type EvaluationWork } from './evaluation-share';

const work: EvaluationWork = workerData;
void evaluateShare(work).then((share) => parentPort?.postMessage(share));
