/** Makes the next batches in a thread of their own while the training loop works on the current one. */
import type { Worker } from 'node:worker_threads';
import { startBatchThread } from './batch-thread';
import type { BatchAnswer } from './batch-worker';
import { BatchSource, type BatchOptions, type TrainingBatches } from './batches';
import type { Batch } from './dataset';

/** Batches made ahead; with the one in use, all that is ever in memory. */
const AHEAD = 2;

interface Awaited {
  /** Somebody waits for it; else it was only asked for ahead. */
  wanted: boolean;
  readonly promise: Promise<Batch>;
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The same batches as BatchSource, byte for byte. Samples that loadDataset made are shared with the thread, others
 * are copied to it once. Steps may be asked for in any order; only consecutive ones gain. When the thread dies every
 * pending and later `at` rejects with the cause. `close` must be called: the thread keeps the process alive, and Node
 * may hang when it exits while a thread is busy (nodejs/node issue 54918).
 */
export class PrefetchingBatches implements TrainingBatches {
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
  readonly #thread: Promise<Worker>;
  readonly #awaited = new Map<number, Awaited>();
  #failure: Error | undefined;

  constructor(options: BatchOptions, start = startBatchThread) {
    // Checks the options here, where a mistake has a useful stack.
    const { stepsPerEpoch, batchSize } = new BatchSource(options);
    this.stepsPerEpoch = stepsPerEpoch;
    this.batchSize = batchSize;
    this.#thread = start(options).then((thread) => this.#listen(thread));
    this.#thread.catch((error: unknown) => this.#fail(error));
  }

  async at(step: number): Promise<Batch> {
    if (!Number.isInteger(step) || step < 0) throw new RangeError(`no batch for step ${step}`);
    const last = step + AHEAD;
    const thread = await this.#thread;
    if (this.#failure !== undefined) throw this.#failure;
    // After a jump the old requests are of no use; their answers are dropped as they come.
    for (const [old, { wanted }] of this.#awaited) {
      if (!wanted && (old < step || old > last)) this.#awaited.delete(old);
    }
    for (let next = step; next <= last; next++) {
      if (this.#awaited.has(next)) continue;
      this.#awaited.set(next, createAwaited());
      thread.postMessage(next);
    }
    const awaited = this.#awaited.get(step)!;
    awaited.wanted = true;
    try {
      return await awaited.promise;
    } finally {
      if (this.#awaited.get(step) === awaited) this.#awaited.delete(step);
    }
  }

  /** Ends the thread; a second call does nothing more. */
  async close(): Promise<void> {
    this.#fail(new Error('the batches are closed'));
    const thread = await this.#thread.catch(() => undefined);
    await thread?.terminate();
  }

  #listen(thread: Worker): Worker {
    thread.on('message', ({ step, ...batch }: BatchAnswer) =>
      this.#awaited.get(step)?.resolve(batch),
    );
    thread.on('error', (error) => this.#fail(error));
    thread.on('exit', (code) => this.#fail(new Error(`it exited with code ${code}`)));
    return thread;
  }

  /** The first failure counts: an error is followed by an exit. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new Error(`the thread that prepares batches has ended: ${reason}`, { cause });
    for (const awaited of this.#awaited.values()) awaited.reject(this.#failure);
  }
}

function createAwaited(): Awaited {
  let resolve: Awaited['resolve'] = () => undefined;
  let reject: Awaited['reject'] = () => undefined;
  const promise = new Promise<Batch>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // A batch made ahead may never be asked for; its failure is not an unhandled one.
  promise.catch(() => undefined);
  return { wanted: false, promise, resolve, reject };
}
