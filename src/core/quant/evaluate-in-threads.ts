/**
 * evaluate.ts on all cores: every thread takes samples as it can, and puts what the network answers where it belongs, so
 * the result is the same whatever thread had which sample.
 */
import type { Worker } from 'node:worker_threads';
import type { Normalization, Samples } from '../dataset/dataset';
import { totalMacs, outputSize } from '../graph/graph';
import type { TaskFacts } from '../tasks/facts';
import { taskOf, type TaskKind } from '../tasks/tasks';
import { defined } from '../util/defined';
import { startThread } from '../util/start-thread';
import { usableCores } from '../util/usable-cores';
import {
  checkSamples,
  createRespondent,
  evaluate,
  evaluationOf,
  type Evaluation,
} from './evaluate';
import {
  evaluateShare,
  stopEvaluation,
  type EvaluationShare,
  type EvaluationWork,
} from './evaluation-share';
import type { QuantizedModel } from './model';

/** Multiplications that a thread must have to do, so that it is worth its start: about half a second. */
const WORTH_A_THREAD = 2e9;

export type StartEvaluationThread = (work: EvaluationWork) => Promise<Worker>;

export interface ThreadedOptions {
  /** What was measured of the task. */
  readonly facts?: TaskFacts;
  /** With this one; by default as many as are worth it, one for each core at the most. */
  readonly threads?: number;
  readonly start?: StartEvaluationThread;
  /** Samples done and their total; the last time with both equal. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** As `evaluate`, with the same result and the same errors. Rejects with the cause where a thread ends early. */
export async function evaluateInThreads(
  model: QuantizedModel,
  kind: TaskKind,
  samples: Samples,
  normalization: Normalization,
  options: ThreadedOptions = {},
): Promise<Evaluation> {
  const { count } = samples;
  const task = taskOf(kind, options.facts);
  const threads = Math.min(options.threads ?? worthwhileThreads(model, count), count);
  if (!(threads > 1)) {
    return evaluate(model, task, samples, normalization, count, options.onProgress);
  }
  checkSamples(model, samples, count);
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const width = task.answerSize(outputSize(model.graph));
  const answers = new Float32Array(
    new SharedArrayBuffer(Float32Array.BYTES_PER_ELEMENT * count * width),
  );
  const work: EvaluationWork = {
    model,
    task: kind,
    ...defined({ facts: options.facts }),
    samples,
    normalization,
    count,
    next,
    answers,
  };
  const start = options.start ?? startEvaluationThread;
  const others = Array.from({ length: threads - 1 }, () => new Helper(work, start));
  try {
    const own = evaluateShare(work, (taken) => options.onProgress?.(taken, count));
    const shares = await Promise.all([own, ...others.map(({ share }) => share)]);
    const failures = shares.flatMap(({ failedAt }) => (failedAt === undefined ? [] : [failedAt]));
    if (failures.length > 0) {
      // Once more here, where it is thrown as what it is.
      createRespondent(model, task, samples, normalization, answers)(Math.min(...failures));
      throw new Error(`samples could not be evaluated: ${shares.find((s) => s.reason)?.reason}`);
    }
    options.onProgress?.(count, count);
    return evaluationOf(task, samples, answers, count);
  } finally {
    stopEvaluation(work);
    await Promise.all(others.map((helper) => helper.close()));
  }
}

function worthwhileThreads(model: QuantizedModel, count: number): number {
  const work = count * totalMacs(model.graph);
  return Math.min(usableCores(), Math.floor(work / WORTH_A_THREAD));
}

/** A thread that takes samples until there are none left. */
export function startEvaluationThread(work: EvaluationWork): Promise<Worker> {
  return startThread(
    {
      name: 'evaluation',
      bundle: './evaluation-worker.mjs',
      caller: import.meta.url,
      source: './evaluation-worker.ts',
    },
    work,
  );
}

/** One thread besides this one. `share` rejects with the cause when it ends without having answered. */
class Helper {
  readonly share: Promise<EvaluationShare>;
  readonly #thread: Promise<Worker>;

  constructor(work: EvaluationWork, start: StartEvaluationThread) {
    this.#thread = start(work);
    this.share = new Promise<EvaluationShare>((resolve, reject) => {
      let answered = false;
      const fail = (cause: unknown): void => {
        if (answered) return;
        // The others need not go on.
        stopEvaluation(work);
        const reason = cause instanceof Error ? cause.message : String(cause);
        reject(new Error(`a thread that evaluates has ended: ${reason}`, { cause }));
      };
      this.#thread.then((thread) => {
        thread.on('message', (share: EvaluationShare) => {
          answered = true;
          resolve(share);
        });
        thread.on('error', fail);
        thread.on('messageerror', fail);
        thread.on('exit', (code) => fail(new Error(`it exited with code ${code}`)));
      }, fail);
    });
    // Whoever fails first is reported; the others' failures are no unhandled ones.
    this.share.catch(() => undefined);
  }

  async close(): Promise<void> {
    const thread = await this.#thread.catch(() => undefined);
    await thread?.terminate();
  }
}
