/** The losses of all tasks. */
import { anomaly } from './anomaly/train';
import { binary } from './binary/train';
import { classification } from './classification/train';
import { imitation } from './imitation/train';
import { multiLabel } from './multi-label/train';
import { regression } from './regression/train';
import type { TaskKind } from './tasks';
import type { TrainTask } from './train-task';

export const TRAIN_TASKS = {
  classification,
  'multi-label': multiLabel,
  binary,
  regression,
  anomaly,
  // Its targets are classes as well: those that the original gives.
  agreement: classification,
  imitation,
} satisfies Readonly<Record<TaskKind, TrainTask>>;
