/** What a search for data (find-datasets.ts) and its parts for each format tell each other. */
import type { DatasetConfig } from '../config/config';
import type { FrontendFile } from '../frontends/config';
import type { Shape } from '../ops/shape';

/** Paths are relative to the folder that was searched, with forward slashes; `train` may be a pattern. */
export interface FoundDataset extends Pick<
  DatasetConfig,
  'format' | 'train' | 'trainLabels' | 'testLabels' | 'label' | 'columns'
> {
  /** Undefined where only one set was found. */
  readonly test?: string;
  /** Undefined where the files do not say. */
  readonly input?: Shape;
  readonly classes?: number;
  /** Of sounds: what the classes are called, and what may make the input of them. */
  readonly classNames?: readonly string[];
  readonly frontend?: FrontendFile;
  /** Training examples. */
  readonly examples?: number;
  /** Of a table: columns that may be the label, the likeliest first, where it is not clear which is. */
  readonly labelChoices?: readonly LabelChoice[];
  /** Why it cannot be trained as it is. */
  readonly problem?: string;
}

/** What follows from the choice of a label. */
export type LabelChoice = Pick<FoundDataset, 'columns' | 'input' | 'classes'> & {
  readonly label: string;
};

/** A folder's content that matters here. `path` is relative to the root. */
export interface ListedFolder {
  readonly path: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}
