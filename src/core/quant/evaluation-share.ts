/** What one thread does of an evaluation: it takes the next few samples as long as there are any. */
import type { Normalization, Samples } from '../dataset/dataset';
import type { TaskFacts } from '../tasks/facts';
import { taskOf, type TaskKind } from '../tasks/tasks';
import { createBreath, createRespondent } from './evaluate';
import type { QuantizedModel } from './model';

/** Samples taken at a time: a thread that gets less of its core takes fewer. */
const PIECE = 16;

export interface EvaluationWork {
  readonly model: QuantizedModel;
  readonly task: TaskKind;
  readonly facts?: TaskFacts;
  readonly samples: Samples;
  readonly normalization: Normalization;
  /** The first `count` samples are evaluated. */
  readonly count: number;
  /** One int32 in shared memory: the first sample that nobody has taken. */
  readonly next: Int32Array;
  /** In shared memory, row by row: who takes a sample writes what the network answers. */
  readonly answers: Float32Array;
}

export interface EvaluationShare {
  /** The first sample of this share that could not be evaluated; then this share is not complete. */
  readonly failedAt?: number;
  readonly reason?: string;
}

/** `onProgress` hears now and then how many samples were taken by all threads. */
export async function evaluateShare(
  work: EvaluationWork,
  onProgress?: (taken: number) => void,
): Promise<EvaluationShare> {
  const { model, task, facts, samples, normalization, count, next, answers } = work;
  const answer = createRespondent(model, taskOf(task, facts), samples, normalization, answers);
  const breathe = createBreath();
  for (;;) {
    const first = Atomics.add(next, 0, PIECE);
    if (first >= count) return {};
    for (let i = first; i < Math.min(count, first + PIECE); i++) {
      try {
        answer(i);
      } catch (error) {
        // The other threads finish what they took, so that the first of all failures is among those found.
        stopEvaluation(work);
        return { failedAt: i, reason: String(error) };
      }
    }
    await breathe(() => onProgress?.(Math.min(count, Atomics.load(next, 0))));
  }
}

/** Nobody takes further samples. */
export function stopEvaluation({ next, count }: Pick<EvaluationWork, 'next' | 'count'>): void {
  Atomics.store(next, 0, count);
}
