/** What the C header offers, of all tasks. */
import { anomaly } from './anomaly/emit';
import { binary } from './binary/emit';
import { classification } from './classification/emit';
import { imitation } from './imitation/emit';
import { multiLabel } from './multi-label/emit';
import { regression } from './regression/emit';
import type { EmitTask } from './emit-task';
import type { TaskKind } from './tasks';

export const EMIT_TASKS = {
  classification,
  'multi-label': multiLabel,
  binary,
  regression,
  anomaly,
  agreement: classification,
  imitation,
} satisfies Readonly<Record<TaskKind, EmitTask>>;
