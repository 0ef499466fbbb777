/** The answers that the Create Model Config wizard gathers. */
import type { TaskChoice } from '../../core/config/task-choices';
import type { Architecture, DatasetConfig, ModelUse, TargetId } from '../../core/config/config';
import { PRESETS } from '../../core/config/template-choices';
import type { GroupChoice } from '../../core/dataset/find-tables';
import type { FoundDataset, LabelChoice } from '../../core/dataset/found-dataset';
import type { Shape } from '../../core/ops/shape';
import type { KnownModel } from '../services';

type DataPaths = Pick<DatasetConfig, 'trainLabels' | 'testLabels' | 'label' | 'columns'> &
  Pick<FoundDataset, 'frontend'>;

/** The answers so far; paths are relative to the workspace folder, with forward slashes. */
export interface Answers extends DataPaths {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly format: DatasetConfig['format'];
  readonly train: string;
  readonly test: string;
  readonly input: Shape;
  readonly classes: number;
  readonly architecture: Architecture;
  readonly width: number;
  readonly flash: string;
  readonly ram: string;
  /** Undefined: one of several classes. `classes` are the network's outputs where the task has no classes. */
  readonly task?: TaskChoice;
  /** Of an anomaly detector: the label of what is normal. */
  readonly normal?: string;
  /** Of a regression: the column that is to be told. */
  readonly told?: string;
  /** Of a table: rows that make an example, and the columns that keep rows together. */
  readonly window?: number;
  readonly recording?: string;
  readonly subject?: string;
  /** Training examples, where they have been counted. */
  readonly examples?: number;
  /** Without it the default one. */
  readonly target?: TargetId;
  readonly firmware: string;
  readonly file: string;
}

/** A network that lies in a file. */
export interface Imported {
  /** Relative to the workspace folder, with forward slashes. */
  readonly modelFile: string;
  readonly model: ReadModel;
}

/** A model file whose network can be computed here. */
export type ReadModel = Extract<KnownModel, { network: object }>;

type OfData = 'format' | 'train' | 'test';

export type OfNetwork = 'architecture' | 'width' | 'input' | 'classes';

/** With a network in a file, which says of itself what it is; used as it is it needs no data. */
export interface ImportAnswers
  extends Omit<Answers, OfData | OfNetwork>, Partial<Pick<Answers, OfData>> {
  readonly imported: Imported;
  readonly use: ModelUse;
}

/** What is known before all is answered. */
export type Draft = Partial<Answers> &
  Partial<Pick<ImportAnswers, 'imported' | 'use'>> &
  Pick<Answers, 'folder'> & {
    /** Columns that may be the label, where it is not clear which is. */
    readonly labelChoices?: readonly LabelChoice[];
    readonly classNames?: readonly string[];
    /** The column of the table that keeps rows together. */
    readonly group?: GroupChoice;
  };

/** Where there is no data yet: something to start from, which the editor marks until it is there. */
export const PLACEHOLDER: Partial<Answers> = {
  format: PRESETS.format,
  train: PRESETS.train,
  test: PRESETS.test,
};
