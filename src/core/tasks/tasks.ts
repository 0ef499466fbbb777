/** All tasks there are, without what trains them (train-tasks.ts) and what the C header says of them (emit-tasks.ts). */
import { agreement } from './agreement/task';
import { classification } from './classification/task';
import { imitation } from './imitation/task';
import type { Measurement } from './measurement';
import type { Metric, Task } from './task';

export const TASKS = { classification, agreement, imitation } satisfies Readonly<
  Record<string, Task>
>;

export type TaskKind = keyof typeof TASKS;

/** What every network is for as long as configs have no word for it; a second task brings them one. */
export const DEFAULT_TASK: TaskKind = 'classification';

export function isTaskKind(kind: string): kind is TaskKind {
  return Object.hasOwn(TASKS, kind);
}

/** How a metric's values are read. Of one that only another version knows: as plain numbers. */
export function metricOf(name: string): Metric {
  const known: readonly Task[] = Object.values(TASKS);
  const found = known.find(({ metric }) => metric.name === name);
  return found?.metric ?? { name, unit: '', better: 'higher', best: Infinity };
}

/** The metric that was measured; before anything is, that of the default task. */
export function metricIn([first]: readonly Pick<Measurement, 'metric'>[]): Metric {
  return first === undefined ? TASKS[DEFAULT_TASK].metric : metricOf(first.metric);
}

/** Of the way from the baseline to the best value, who has gone less than this knows next to nothing. */
const NEAR = 0.1;

/** Whether `value` is hardly better than the baseline of its task, or worse. */
export function isNearBaseline({ best }: Metric, value: number, baseline: number): boolean {
  return (value - baseline) / (best - baseline) < NEAR;
}

/** Whether `value` is at least as good as `other`. */
export function isAsGood(
  { better }: Pick<Metric, 'better'>,
  value: number,
  other: number,
): boolean {
  return better === 'higher' ? value >= other : value <= other;
}
