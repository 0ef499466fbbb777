/** A run as people tell it from others of the same config: when, how it ended, how well. */
import { formatMetric } from '../../core/report/format';
import { valueAt } from '../../core/tasks/measurement';
import { metricIn } from '../../core/tasks/tasks';
import type { ShownRun } from './state';

export function runLabel(
  run: Pick<ShownRun, 'id' | 'activity' | 'measured'> & { readonly startedAt?: string },
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
  const value = valueAt(run.measured, 'fitted');
  const result =
    run.activity === 'finished' && value !== undefined
      ? formatMetric(value, metricIn(run.measured))
      : run.activity;
  return `${when} · ${result}`;
}
