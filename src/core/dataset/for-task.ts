/** What was read, as the task takes it: which of it is trained on, and what is known of the task before the network is. */
import type { TaskConfig } from '../config/config';
import type { TaskFacts } from '../tasks/facts';
import { targetScales } from '../tasks/regression/task';
import type { TaskKind } from '../tasks/tasks';
import { UserError } from '../util/errors';
import { withoutAnomalies } from './anomalies';
import { show } from './classes';
import type { Samples } from './dataset';

interface Sets {
  readonly classNames: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
}

/** Whether a target is read as the index of a class. */
export function hasClasses(kind: TaskKind): boolean {
  return kind === 'classification' || kind === 'binary';
}

/** Classes as 1, what is to be found, and 0. @param wanted task.positive */
export function asBinary<T extends Sets>(raw: T, wanted: string | undefined, file: string): T {
  const { classNames } = raw;
  if (classNames.length !== 2) {
    throw new UserError(
      `the training set has ${classNames.length} classes (${show(classNames)}), but the task "binary" tells two apart; ` +
        'put those that are not to be found into one, or set "task" to "classification"',
      { file },
    );
  }
  const positive = wanted === undefined ? 1 : raw.classNames.indexOf(wanted);
  const name = raw.classNames[positive];
  if (name === undefined) {
    throw new UserError(
      `task.positive is ${JSON.stringify(wanted)}, but the classes are ${raw.classNames.join(' and ')}`,
      { file },
    );
  }
  const ones = (samples: Samples): Samples => ({
    ...samples,
    targets: samples.targets.map((label) => (label === positive ? 1 : 0)),
  });
  return { ...raw, classNames: [name], train: ones(raw.train), test: ones(raw.test) };
}

/** What is trained on or held back, and what is neither. */
export function normalOf(
  kind: TaskKind,
  train: Samples,
): { readonly normal: Samples; readonly anomalies?: Samples } {
  return kind === 'anomaly' ? withoutAnomalies(train) : { normal: train };
}

/** The names of outputs that have none. */
export function numbered(outputs: number): string[] {
  return Array.from({ length: outputs }, (_, i) => String(i));
}

const DEFAULT_FALSE_ALARMS = { binary: 0.05, anomaly: 0.01 } as const;

/** @param trained whether the network has learnt elsewhere to put the targets out as they are */
export function factsOf(
  task: TaskConfig | undefined,
  { train, classNames }: Pick<Sets, 'train' | 'classNames'>,
  trained: boolean,
): TaskFacts | undefined {
  switch (task?.kind) {
    case 'regression': {
      const targets = targetScales(train.targets, classNames.length);
      return trained ? { spread: targets.std } : { targets };
    }
    case 'binary':
      return { falseAlarms: task.falseAlarms ?? DEFAULT_FALSE_ALARMS.binary };
    case 'anomaly':
      return { falseAlarms: task.falseAlarms ?? DEFAULT_FALSE_ALARMS.anomaly };
    default:
      return undefined;
  }
}
