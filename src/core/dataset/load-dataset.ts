/** From the config's `dataset` to examples in memory: the only door into this folder's formats. */
import type { DatasetConfig } from '../config/config';
import { parseTime } from '../frontends/resolve';
import { DEFAULT_TASK, taskOf } from '../tasks/tasks';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';
import { knownAnomalies, withAnomalies } from './anomalies';
import { readBackground } from './background';
import { checkClasses, checkSets, requireTestSet } from './check-sets';
import { CIFAR10_CLASSES, readCifar10 } from './cifar10';
import { classWeights } from './class-weights';
import type { Dataset } from './dataset';
import { featurize, type FeatureSets } from './featurize';
import { findFiles } from './files';
import { asBinary, factsOf, hasClasses, normalOf, numbered } from './for-task';
import { measureNormalization } from './normalization';
import type { OnProgress } from './progress';
import type { RawAugmentation } from './raw-augment';
import { readArrays } from './read-arrays';
import { readImages } from './read-images';
import { readSounds } from './read-sounds';
import { readTables } from './read-tables';
import {
  classesWanted,
  SET_NAMES,
  knownTo,
  type DatasetModel,
  type RawDataset,
  type Source,
} from './source';
import {
  copySamples,
  keepSamples,
  limitIndices,
  remainingIndices,
  validationIndices,
} from './split';
import { targetOf } from './targets';

/**
 * Reads, checks, limits and splits. The same arguments and files give the same bytes in the same order.
 * @param workspace folder that no path leaves, also not through symbolic links
 * @throws UserError that names the file and the offset, row or image of whatever is wrong
 */
export async function loadDataset(
  config: DatasetConfig,
  model: DatasetModel,
  seed: number,
  workspace: string,
  onProgress: OnProgress = () => undefined,
): Promise<Dataset> {
  const source = { config, model, seed, workspace, onProgress };
  const all = await readFormat(source);
  // Limiting moves the chosen examples to the front.
  const classesRead = new Set(all.train.targets);
  const raw = limitTraining(all, config.limit, seed);
  const kind = model.task?.kind ?? DEFAULT_TASK;
  // A network that was trained before knows the classes of which there is no example.
  const learns = knownTo(model) === undefined;
  if (learns && hasClasses(kind)) checkClasses(raw, classesRead, source);
  requireTestSet(raw, source);
  const sets = kind === 'binary' ? asBinary(raw, model.task?.positive, config.train) : raw;
  const { normal, anomalies } = normalOf(kind, sets.train);
  const before = { ...sets, train: normal };
  const facts = factsOf(model.task, before, model.trained === true);
  const task = taskOf(kind, facts);
  if (raw.unlabelled !== true) checkSets(task, before, learns);
  const groups = Array.from({ length: normal.count }, (_, i) =>
    raw.unlabelled === true ? 0 : task.groupOf(targetOf(normal, i)),
  );
  const held = validationIndices(groups, config.validation, seed, normal.subjects);
  const heldBack = copySamples(normal, held);
  const train = keepSamples(normal, remainingIndices(normal.count, held));
  const validation = anomalies === undefined ? heldBack : withAnomalies(heldBack, anomalies);
  const known = kind === 'anomaly' ? knownAnomalies(validation, sets.test) : undefined;
  const weights = model.task && classWeights(model.task, train);
  return {
    task: kind,
    ...defined({ facts: facts && { ...facts, ...defined({ anomalies: known }) } }),
    ...defined({ classWeights: weights }),
    shape: model.input,
    outputNames: kind === 'anomaly' ? numbered(model.outputs ?? 0) : sets.classNames,
    ...(await examplesOf({ train, validation, test: sets.test }, raw, source)),
    ...defined({ unlabelled: raw.unlabelled }),
    notes: [
      ...raw.notes,
      ...windowNotes(raw),
      ...(anomalies !== undefined && anomalies.count > 0
        ? [
            `${anomalies.count} anomalies of the training set are not trained on; they help to choose the checkpoint`,
          ]
        : []),
    ],
  };
}

type Examples = Pick<
  Dataset,
  'train' | 'validation' | 'test' | 'normalization' | 'frontend' | 'rawTest'
>;

/** What was read is the input already, or becomes it here. */
async function examplesOf(
  sets: FeatureSets,
  { windows }: RawDataset,
  source: Source,
): Promise<Examples> {
  const { config, model, seed, onProgress } = source;
  const { frontend } = model;
  if (windows === undefined || frontend === undefined) {
    return { ...sets, normalization: measureNormalization(sets.train) };
  }
  return featurize(sets, {
    config: frontend,
    shape: model.input,
    windows,
    augmentation: await rawAugmentation(source, windows.train.sampleRate, frontend.channels),
    variants: config.augment.variants ?? VARIANTS,
    seed,
    report: (set, done, total) =>
      onProgress({
        what: set === 'validation' ? 'validation set' : SET_NAMES[set],
        done,
        total,
      }),
  });
}

/** How often each training example is there where nothing is said but how it may change. */
const VARIANTS = 4;

/** Undefined where nothing of raw samples is to be changed. */
async function rawAugmentation(
  { config, workspace }: Source,
  sampleRate: number | undefined,
  channels: number,
): Promise<RawAugmentation | undefined> {
  const { timeShift: shift = 0, speed = 0, gain = 0 } = config.augment;
  const timeShift = parseTime(shift, sampleRate);
  if (timeShift === undefined) {
    throw new UserError(
      `dataset.augment.timeShift is ${JSON.stringify(shift)}, but nothing says how many samples a second has; give a number of samples, or frontend.sampleRate`,
    );
  }
  const { background } = config;
  if (timeShift === 0 && speed === 0 && gain === 0 && background === undefined) return undefined;
  if (background === undefined) return { timeShift, speed, gain };
  const wanted = { sampleRate: sampleRate ?? 1, channels };
  const recordings = await readBackground(background.folder, wanted, workspace);
  return { timeShift, speed, gain, background: { recordings, snr: background.snr } };
}

/** What was found while windows were cut out. */
function windowNotes({ windows }: RawDataset): string[] {
  if (windows === undefined) return [];
  const sets = ['train', 'test'] as const;
  return sets.flatMap((set) => windows[set].notes(SET_NAMES[set]));
}

/** Formats that choose files before reading them (`images`) come with the limit already applied. */
function limitTraining(raw: RawDataset, limit: number, seed: number): RawDataset {
  if (limit === 0 || raw.train.count <= limit) return raw;
  return { ...raw, train: keepSamples(raw.train, limitIndices(raw.train.count, limit, seed)) };
}

async function readFormat(source: Source): Promise<RawDataset> {
  switch (source.config.format) {
    case 'images':
      return readImages(source);
    case 'cifar10':
      return readCifar(source);
    case 'idx':
    case 'numpy':
      return readArrays(source, source.config.format);
    case 'csv':
      return readTables(source);
    case 'wav':
      return readWindows(source);
  }
}

async function readWindows({ config, model, workspace }: Source): Promise<RawDataset> {
  const { frontend, task } = model;
  if (frontend === undefined) {
    throw new UserError(
      'format "wav" needs a "frontend", which makes the network\'s input of samples: {"kind": "log-mel", …} for speech and other sounds, {"kind": "window", …} for samples as they are',
      { file: config.train },
    );
  }
  return readSounds({
    config,
    frontend,
    classes: classesWanted(model),
    network: knownTo(model),
    workspace,
    ...defined({ task }),
  });
}

async function readCifar({ config, model, workspace, onProgress }: Source): Promise<RawDataset> {
  const trainFiles = await findFiles(config.train, 'dataset.train', workspace);
  const testFiles = await findFiles(config.test, 'dataset.test', workspace);
  if (model.classes !== CIFAR10_CLASSES.length) {
    throw new UserError(`CIFAR-10 has 10 classes but model.classes is ${model.classes}`, {
      file: config.train,
    });
  }
  const train = await readCifar10(trainFiles, model.input, (done, total) =>
    onProgress({ what: SET_NAMES.train, done, total }),
  );
  const test = await readCifar10(testFiles, model.input, (done, total) =>
    onProgress({ what: SET_NAMES.test, done, total }),
  );
  return { classNames: CIFAR10_CLASSES, train, test, notes: [] };
}
