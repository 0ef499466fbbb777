/** A run as people tell it from others of the same config: when, how it ended, how well. */
import type { ShownRun } from './state';

export function runLabel(
  run: Pick<ShownRun, 'id' | 'activity' | 'accuracy'> & { readonly startedAt?: string },
): string {
  const at = run.startedAt === undefined ? undefined : new Date(run.startedAt);
  const when =
    at === undefined || Number.isNaN(at.getTime())
      ? run.id
      : at.toLocaleString('en-GB', {
          day: 'numeric',
          month: 'short',
          hour: '2-digit',
          minute: '2-digit',
        });
  const accuracy = run.accuracy.int8Sparse;
  const result =
    run.activity === 'finished' && accuracy !== undefined
      ? `${(100 * accuracy).toFixed(1)} %`
      : run.activity;
  return `${when} · ${result}`;
}
