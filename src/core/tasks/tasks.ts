/** All tasks there are, without what trains them (train-tasks.ts) and what the C header says of them (emit-tasks.ts). */
import { agreement } from './agreement/task';
import { anomaly, RECONSTRUCTION } from './anomaly/task';
import { binary } from './binary/task';
import { classification } from './classification/task';
import { imitation } from './imitation/task';
import type { TaskFacts } from './facts';
import type { Measurement } from './measurement';
import { multiLabel } from './multi-label/task';
import { regression, SCALED } from './regression/task';
import type { Metric, Task } from './task';

export const TASKS = {
  classification,
  'multi-label': multiLabel,
  binary,
  regression,
  anomaly,
  agreement,
  imitation,
} satisfies Readonly<Record<string, Task>>;

export type TaskKind = keyof typeof TASKS;

/** What a network is for whose config has no word for it. */
export const DEFAULT_TASK: TaskKind = 'classification';

export function isTaskKind(kind: string): kind is TaskKind {
  return Object.hasOwn(TASKS, kind);
}

/** A task as it is for one model. */
export function taskOf(kind: TaskKind, facts: TaskFacts = {}): Task {
  const task: Task = TASKS[kind];
  return task.withFacts?.(facts) ?? task;
}

/** How a metric's values are read. Of one that only another version knows: as plain numbers. */
export function metricOf(name: string): Metric {
  const known = [...Object.values(TASKS).map(({ metric }) => metric), SCALED, RECONSTRUCTION];
  const found = known.find((metric) => metric.name === name);
  return found ?? { name, unit: '', better: 'higher', best: Infinity };
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
