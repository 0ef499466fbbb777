/**
 * Entry of a thread that evaluates (bundled to dist/evaluation-worker.mjs): does its share and says how it went. An
 * exception ends the thread, which the other side reports.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { evaluateShare, type EvaluationTask } from './evaluation-share';

const task: EvaluationTask = workerData;
void evaluateShare(task).then((share) => parentPort?.postMessage(share));
