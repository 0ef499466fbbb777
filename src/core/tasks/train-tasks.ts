/** The losses of all tasks. */
import { classification } from './classification/train';
import { imitation } from './imitation/train';
import type { TaskKind } from './tasks';
import type { TrainTask } from './train-task';

export const TRAIN_TASKS = {
  classification,
  // Its targets are classes as well: those that the original gives.
  agreement: classification,
  imitation,
} satisfies Readonly<Record<TaskKind, TrainTask>>;
