/** All tasks there are, without what trains them (losses.ts) and without the words of the C header (headers.ts). */
import { classification } from './classification/task';
import type { Measurement } from './measurement';
import type { Metric, Task } from './task';

export const TASKS = { classification } satisfies Readonly<Record<string, Task>>;

export type TaskKind = keyof typeof TASKS;

export function isTaskKind(kind: string): kind is TaskKind {
  return Object.hasOwn(TASKS, kind);
}

/** How a metric's values are read. Of one that only another version knows: as plain numbers. */
export function metricOf(name: string): Metric {
  const known: readonly Task[] = Object.values(TASKS);
  const found = known.find(({ metric }) => metric.name === name);
  return found?.metric ?? { name, unit: '', better: 'higher', best: Infinity };
}

/** The metric that was measured; of nothing yet, that of the task which every network has so far. */
export function metricIn([first]: readonly Pick<Measurement, 'metric'>[]): Metric {
  return first === undefined ? TASKS.classification.metric : metricOf(first.metric);
}

/** Whether `value` is at least as good as `other`. */
export function isAsGood(
  { better }: Pick<Metric, 'better'>,
  value: number,
  other: number,
): boolean {
  return better === 'higher' ? value >= other : value <= other;
}
