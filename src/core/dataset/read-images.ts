/** Both sets of folders of pictures. */
import type { DatasetConfig } from '../config/config';
import { UserError } from '../util/errors';
import { anomalyClasses, requireNoNormal } from './anomalies';
import { IMAGES, listClassFolder, type ClassFolder } from './class-folders';
import type { Samples } from './dataset';
import { readImageFolder } from './images';
import {
  classesWanted,
  SET_NAMES,
  allNormal,
  mayLackLabels,
  withoutLabels,
  type DatasetModel,
  type RawDataset,
  type Source,
} from './source';
import { limitIndices } from './split';

export async function readImages({
  config,
  model,
  seed,
  workspace,
  onProgress,
}: Source): Promise<RawDataset> {
  const labels = mayLackLabels(model) ? 'optional' : model.labels;
  const trainFolder = listClassFolder(IMAGES, config.train, 'dataset.train', workspace, labels);
  const testFolder = listClassFolder(IMAGES, config.test, 'dataset.test', workspace, labels);
  const { classNames } = trainFolder;
  const unlabelled = [trainFolder, testFolder].filter((folder) => folder.classNames.length === 0);
  const outputs = outputsByName(model, [trainFolder, testFolder]);
  const { task } = model;
  if (unlabelled.length === 0 && outputs === undefined && task?.kind !== 'anomaly') {
    requireSameClasses(config, model, trainFolder, testFolder);
  }
  const indices = limitIndices(trainFolder.files.length, config.limit, seed);
  const train = await readImageFolder(trainFolder, indices, model.input, (done, total) =>
    onProgress({ what: SET_NAMES.train, done, total }),
  );
  const all = limitIndices(testFolder.files.length, 0, seed);
  const test = await readImageFolder(testFolder, all, model.input, (done, total) =>
    onProgress({ what: SET_NAMES.test, done, total }),
  );
  if (task?.kind === 'anomaly') {
    const names = [...trainFolder.classNames, ...testFolder.classNames];
    if (names.length === 0) {
      requireNoNormal(task.normal, 'put them into one folder per class', config.train);
    }
    const known = names.length === 0 ? undefined : anomalyClasses(names, task.normal, config.train);
    const set = (samples: Samples, { classNames: own }: ClassFolder): Samples =>
      known === undefined || own.length === 0
        ? allNormal(samples)
        : { ...samples, targets: samples.targets.map((i) => known.indexOf.get(own[i]!)!) };
    return {
      classNames: [],
      train: set(train, trainFolder),
      test: set(test, testFolder),
      notes: [],
    };
  }
  if (unlabelled.length > 0) return withoutLabels(model, train, test, unlabelled.length === 1);
  if (outputs !== undefined && model.outputNames !== undefined) {
    renumber(train, trainFolder, outputs);
    renumber(test, testFolder, outputs);
    return { classNames: model.outputNames, train, test, notes: [] };
  }
  return { classNames, train, test, notes: [] };
}

/** Output of each class, where the network has a name for each of its outputs and every folder is one of them. */
function outputsByName(
  { labels, outputNames }: DatasetModel,
  folders: readonly ClassFolder[],
): ReadonlyMap<string, number> | undefined {
  if (labels !== 'optional' || outputNames === undefined) return undefined;
  const outputs = new Map(outputNames.map((name, i) => [name, i]));
  const known = folders.every(({ classNames }) => classNames.every((name) => outputs.has(name)));
  return known ? outputs : undefined;
}

function renumber(
  { targets }: Samples,
  { classNames }: ClassFolder,
  outputs: ReadonlyMap<string, number>,
): void {
  for (let i = 0; i < targets.length; i++) targets[i] = outputs.get(classNames[targets[i]!]!)!;
}

function requireSameClasses(
  config: DatasetConfig,
  model: DatasetModel,
  { classNames }: ClassFolder,
  testFolder: ClassFolder,
): void {
  const wanted = classesWanted(model);
  if (wanted !== undefined && classNames.length !== wanted) {
    throw new UserError(
      `dataset.train has ${classNames.length} class folders but model.classes is ${wanted}`,
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
}
