/** What the readers of the formats are handed, what they give, and what of both they share. */
import type { DatasetConfig, TaskConfig } from '../config/config';
import type { FrontendConfig } from '../frontends/config';
import type { Shape } from '../ops/shape';
import { defined } from '../util/defined';
import type { KnownClasses } from './classes';
import type { Samples } from './dataset';
import type { OnProgress } from './progress';
import type { RawWindows } from './raw-windows';

/** The part of the model's config that data must agree with. */
export interface DatasetModel {
  /** Height, width, channels. */
  readonly input: Shape;
  readonly classes: number;
  /** Default: one of the classes. */
  readonly task?: TaskConfig;
  /** Numbers that the network puts out; default: one for each class. */
  readonly outputs?: number;
  /** `optional`: an imported network can say what it makes of the examples. Default: needed. */
  readonly labels?: 'needed' | 'optional';
  /** Set where the network has been trained elsewhere and puts out targets as they are. */
  readonly trained?: true;
  /** What makes the input of raw samples; undefined: the data is the input. */
  readonly frontend?: FrontendConfig;
  /** What the outputs are called, where the data has no names for them. */
  readonly outputNames?: readonly string[];
}

/** Both sets as the files hold them, before anything is held back. */
export interface RawDataset {
  readonly classNames: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
  readonly notes: readonly string[];
  /** Set where the samples are numbers of these windows, of which a front end makes examples. */
  readonly windows?: { readonly train: RawWindows; readonly test: RawWindows };
  /** Without labels; what one of the sets has of them does not count. */
  readonly unlabelled?: true;
}

export const SET_NAMES = { train: 'training set', test: 'test set' } as const;

/** What readers are handed. */
export interface Source {
  readonly config: DatasetConfig;
  readonly model: DatasetModel;
  readonly seed: number;
  readonly workspace: string;
  readonly onProgress: OnProgress;
}

/** The classes of a network that was trained before, whose outputs nothing in the data can put into another order. */
export function knownTo({ labels, classes, outputNames }: DatasetModel): KnownClasses | undefined {
  if (labels !== 'optional') return undefined;
  return { count: classes, ...defined({ names: outputNames }) };
}

/** How many classes the labels must be; undefined where the task says it, and asBinary checks it. */
export function classesWanted({ classes, task }: DatasetModel): number | undefined {
  return task?.kind === 'binary' ? undefined : classes;
}

export function mayLackLabels({ labels, task }: DatasetModel): boolean {
  return labels === 'optional' || task?.kind === 'anomaly';
}

/** What the numbers of a target are called; undefined where it is a label. */
export function targetNames({
  config,
  model: { task, outputs = 0 },
}: Pick<Source, 'config' | 'model'>): readonly string[] | undefined {
  if (task?.kind !== 'regression' && task?.kind !== 'multi-label') return undefined;
  return config.target ?? Array.from({ length: outputs }, (_, i) => String(i));
}

/** @param some whether some of the examples have labels */
export function withoutLabels(
  { classes, outputNames }: DatasetModel,
  train: Samples,
  test: Samples,
  some = false,
  notes: readonly string[] = [],
): RawDataset {
  return {
    classNames: outputNames ?? Array.from({ length: classes }, (_, i) => String(i)),
    train: withoutTargets(train),
    test: withoutTargets(test),
    unlabelled: true,
    notes: some
      ? [
          ...notes,
          'only some of the examples have labels, so none of them count: give labels to both sets, training and test, or to neither',
        ]
      : notes,
  };
}

function withoutTargets(samples: Samples): Samples {
  return { ...samples, targets: new Float32Array(0) };
}

/** Where nothing says which examples are anomalies. */
export function allNormal(samples: Samples): Samples {
  return { ...samples, targets: new Float32Array(samples.count) };
}
