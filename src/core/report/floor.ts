/** Whether a result is as good as the config asks for. */
import type { Measurement } from '../tasks/measurement';
import { valueAt } from '../tasks/measurement';
import { isAsGood, metricIn, metricOf } from '../tasks/tasks';
import { formatMetric } from './format';

/** A sentence where what the firmware computes is worse than `floor`; undefined where it is not, or was not measured. */
export function shortfall({
  measured,
  floor,
}: {
  readonly measured: readonly Measurement[];
  readonly floor?: number | undefined;
}): string | undefined {
  const value = valueAt(measured, 'fitted');
  if (value === undefined || floor === undefined) return undefined;
  return shortfallOf(metricIn(measured).name, value, floor);
}

/** @param metric name of a task's metric */
export function shortfallOf(metric: string, value: number, floor: number): string | undefined {
  const known = metricOf(metric);
  if (isAsGood(known, value, floor)) return undefined;
  const key = metric === 'accuracy' ? 'budget.accuracy' : 'budget.floor';
  const [is, wants] = [formatMetric(value, known, 2), formatMetric(floor, known, 2)];
  const asked = known.better === 'higher' ? 'at least' : 'at most';
  return `the ${metric} is ${is}, but ${key} asks for ${asked} ${wants}`;
}
