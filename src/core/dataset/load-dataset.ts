/** From the config's `dataset` to examples in memory: the only door into this folder's formats. */
import type { DatasetConfig } from '../config/config';
import type { Shape } from '../graph/graph';
import { UserError } from '../util/errors';
import type { Dataset, Samples } from './dataset';
import { listImageFolder, readImageFolder } from './images';
import { measureNormalization } from './normalization';
import type { OnProgress } from './progress';
import {
  copySamples,
  keepSamples,
  limitIndices,
  remainingIndices,
  validationIndices,
} from './split';

/** The part of the model's config that data must agree with. */
export interface DatasetModel {
  /** Height, width, channels. */
  readonly input: Shape;
  readonly classes: number;
}

/** Both sets as the files hold them, before anything is held back. */
export interface RawDataset {
  readonly classNames: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
}

/**
 * Reads, checks, limits and splits. The same arguments and files give the same bytes in the same order.
 * @throws UserError that names the file and the offset, row or image of whatever is wrong
 */
export async function loadDataset(
  config: DatasetConfig,
  model: DatasetModel,
  seed: number,
  onProgress: OnProgress = () => undefined,
): Promise<Dataset> {
  const raw = await readFormat(config, model, seed, onProgress);
  checkClasses(raw, model.classes);
  const held = validationIndices(raw.train.labels, model.classes, config.validation, seed);
  const validation = copySamples(raw.train, held);
  const train = keepSamples(raw.train, remainingIndices(raw.train.count, held));
  return {
    shape: model.input,
    classNames: raw.classNames,
    train,
    validation,
    test: raw.test,
    normalization: measureNormalization(train),
  };
}

async function readFormat(
  config: DatasetConfig,
  model: DatasetModel,
  seed: number,
  onProgress: OnProgress,
): Promise<RawDataset> {
  switch (config.format) {
    case 'images':
      return readImages(config, model, seed, onProgress);
    case 'cifar10':
    case 'idx':
    case 'numpy':
    case 'csv':
      throw new UserError(`dataset.format "${config.format}" cannot be read yet`);
  }
}

async function readImages(
  config: DatasetConfig,
  model: DatasetModel,
  seed: number,
  onProgress: OnProgress,
): Promise<RawDataset> {
  const trainFolder = listImageFolder(config.train, 'dataset.train');
  const testFolder = listImageFolder(config.test, 'dataset.test');
  const { classNames } = trainFolder;
  if (classNames.length !== model.classes) {
    throw new UserError(
      `dataset.train has ${classNames.length} class folders but model.classes is ${model.classes}`,
      { file: config.train },
    );
  }
  const missing = classNames.filter((name) => !testFolder.classNames.includes(name));
  const extra = testFolder.classNames.filter((name) => !classNames.includes(name));
  if (missing.length > 0 || extra.length > 0) {
    const what =
      missing.length > 0 ? `lacks class "${missing[0]}" of` : `has class "${extra[0]}" not in`;
    throw new UserError(`dataset.test ${what} dataset.train`, { file: config.test });
  }
  const indices = limitIndices(trainFolder.files.length, config.limit, seed);
  const train = await readImageFolder(trainFolder, indices, model.input, (done, total) =>
    onProgress({ what: 'training set', done, total }),
  );
  const all = limitIndices(testFolder.files.length, 0, seed);
  const test = await readImageFolder(testFolder, all, model.input, (done, total) =>
    onProgress({ what: 'test set', done, total }),
  );
  return { classNames, train, test };
}

function checkClasses(raw: RawDataset, classes: number): void {
  const counts = new Uint32Array(classes);
  for (const label of raw.train.labels) counts[label]!++;
  const empty = counts.indexOf(0);
  if (empty >= 0) {
    throw new UserError(
      `class ${empty} ("${raw.classNames[empty] ?? empty}") has no example among the ${raw.train.count} of the ` +
        'training set; check the labels, raise dataset.limit or lower model.classes',
    );
  }
  if (raw.test.count === 0) throw new UserError('the test set is empty');
}
