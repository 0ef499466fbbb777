/** In plain words what the network can be for. */
import { elements, type Shape } from '../../core/ops/shape';
import type { TaskChoice } from '../../core/config/task-choices';
import type { Draft } from './answers';

export interface TaskItem {
  readonly task: TaskChoice;
  readonly label: string;
  readonly detail: string;
}

/** In plain words what can be learned of data, the likeliest first. */
export function taskChoices({
  format,
  classes,
  label,
  labelChoices,
}: Pick<Draft, 'format' | 'classes' | 'label' | 'labelChoices'>): TaskItem[] {
  const one: TaskItem = {
    task: 'classification',
    label: 'Which of several it is',
    detail: 'A word, a gesture, a kind of fault: one of the classes that the examples have',
  };
  const alarm: TaskItem = {
    task: 'binary',
    label: 'Yes or no',
    detail: 'An alarm for one of two classes, raised at nothing as seldom as you say',
  };
  const unusual: TaskItem = {
    task: 'anomaly',
    label: 'Something unusual',
    detail: 'Learns what is normal from normal examples, and raises an alarm at anything else',
  };
  const number: TaskItem = {
    task: 'regression',
    label: 'A number',
    detail: 'A quantity that stands in a column of the table, such as a temperature',
  };
  if (classes === 1) return [unusual];
  const isTable = format === 'csv';
  const isLabelled = !isTable || label !== undefined || (labelChoices ?? []).length > 0;
  return [
    ...(isLabelled ? [one] : []),
    ...(classes === 2 ? [alarm] : []),
    ...(isTable ? [number] : []),
    ...(isLabelled ? [] : [one]),
    unusual,
  ];
}

/** Outputs of the network, where they are not one for each class. */
export function outputsOf(task: TaskChoice, input: Shape): number | undefined {
  switch (task) {
    case 'classification':
      return undefined;
    case 'binary':
    case 'regression':
      return 1;
    case 'anomaly':
      return elements(input);
  }
}
