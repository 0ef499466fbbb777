/** The losses of all tasks. */
import { classification } from './classification/train';
import type { TaskKind } from './tasks';
import type { TrainTask } from './train-task';

export const TRAIN_TASKS = { classification } satisfies Readonly<Record<TaskKind, TrainTask>>;
