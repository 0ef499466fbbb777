/** One of several classes: an output for each, the largest is the answer. */
import type { Task } from '../task';

export const classification = {
  metric: { name: 'accuracy', unit: '%', better: 'higher', best: 1 },
} as const satisfies Task;
