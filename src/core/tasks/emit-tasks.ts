/** What the C header offers, of all tasks. */
import { classification } from './classification/emit';
import { imitation } from './imitation/emit';
import type { EmitTask } from './emit-task';
import type { TaskKind } from './tasks';

export const EMIT_TASKS = {
  classification,
  agreement: classification,
  imitation,
} satisfies Readonly<Record<TaskKind, EmitTask>>;
