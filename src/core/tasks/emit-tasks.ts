/** What the C header offers, of all tasks. */
import { classification } from './classification/emit';
import type { EmitTask } from './emit-task';
import type { TaskKind } from './tasks';

export const EMIT_TASKS = { classification } satisfies Readonly<Record<TaskKind, EmitTask>>;
