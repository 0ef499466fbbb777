/** What a network can be made for where nobody has written a config yet, for `east init` and the editor's wizard alike. */
import type { TaskConfig } from './config';
import type { TaskFile } from './config-file';
import { defined } from '../util/defined';

/** Several labels at once take several columns of 0 and 1, which nothing tells from others. */
export const TASK_CHOICES = ['classification', 'binary', 'regression', 'anomaly'] as const;
export type TaskChoice = (typeof TASK_CHOICES)[number] & TaskConfig['kind'];

/** Share of alarms that may be raised at nothing. */
const FALSE_ALARMS = { binary: 0.05, anomaly: 0.01 } as const;

/** As it stands in a new config; undefined where nothing need be said. @param normal labels of what is normal */
export function taskFile(
  task: TaskChoice | undefined,
  normal: readonly string[] | undefined,
): TaskFile | undefined {
  switch (task) {
    case undefined:
    case 'classification':
      return undefined;
    case 'regression':
      return task;
    case 'binary':
      return { kind: task, falseAlarms: FALSE_ALARMS.binary };
    case 'anomaly':
      return { kind: task, ...defined({ normal }), falseAlarms: FALSE_ALARMS.anomaly };
  }
}
