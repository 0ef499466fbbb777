/** From the config's `dataset` to examples in memory: the only door into this folder's formats. */
import { isInFolders, type DatasetConfig, type TaskConfig } from '../config/config';
import type { FrontendConfig } from '../frontends/config';
import { parseTime } from '../frontends/resolve';
import type { Shape } from '../ops/shape';
import type { Task } from '../tasks/task';
import { DEFAULT_TASK, taskOf } from '../tasks/tasks';
import { UserError } from '../util/errors';
import type { Dataset, Samples } from './dataset';
import { CIFAR10_CLASSES, readCifar10 } from './cifar10';
import { IMAGES, listClassFolder, type ClassFolder } from './class-folders';
import type { KnownClasses } from './classes';
import {
  checkChannels,
  checkSubjects,
  checkWidth,
  csvClasses,
  samplesFromTables,
  type CsvSamples,
  type RowWindow,
} from './csv';
import { readCsvTable, type CsvTable } from './csv-table';
import { featurize, type FeatureSets } from './featurize';
import { findFiles } from './files';
import { anomalyClasses, knownAnomalies, withAnomalies } from './anomalies';
import { classWeights } from './class-weights';
import { asBinary, factsOf, hasClasses, normalOf, numbered } from './for-task';
import { readIdx } from './idx';
import { readImageFolder } from './images';
import {
  acceptFor,
  areLabelled,
  classesOfArrays,
  labelsIn,
  samplesFromArrays,
  type ExampleArrays,
} from './labelled-array';
import { measureNormalization } from './normalization';
import { readNumpy, readNumpyExamples, type SetName } from './numpy';
import { breathe, type OnProgress } from './progress';
import { readBackground } from './background';
import type { RawAugmentation } from './raw-augment';
import type { RawWindows } from './raw-windows';
import { readSounds } from './read-sounds';
import { countsOf, TableWindows } from './table-windows';
import {
  copySamples,
  keepSamples,
  limitIndices,
  remainingIndices,
  validationIndices,
} from './split';
import { checkTargets, targetOf } from './targets';
import { defined } from '../util/defined';

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

const SET_NAMES = { train: 'training set', test: 'test set' } as const;

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
  const facts = factsOf(model.task, before);
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
  return [windows.train, windows.test].flatMap((set) => set.notes());
}

/** The classes of a network that was trained before, whose outputs nothing in the data can put into another order. */
function knownTo({ labels, classes, outputNames }: DatasetModel): KnownClasses | undefined {
  if (labels !== 'optional') return undefined;
  return { count: classes, ...defined({ names: outputNames }) };
}

function mayLackLabels({ labels, task }: DatasetModel): boolean {
  return labels === 'optional' || task?.kind === 'anomaly';
}

/** What the numbers of a target are called; undefined where it is a label. */
function targetNames({
  config,
  model: { task, outputs = 0 },
}: Pick<Source, 'config' | 'model'>): readonly string[] | undefined {
  if (task?.kind !== 'regression' && task?.kind !== 'multi-label') return undefined;
  return config.target ?? Array.from({ length: outputs }, (_, i) => String(i));
}

/** Formats that choose files before reading them (`images`) come with the limit already applied. */
function limitTraining(raw: RawDataset, limit: number, seed: number): RawDataset {
  if (limit === 0 || raw.train.count <= limit) return raw;
  return { ...raw, train: keepSamples(raw.train, limitIndices(raw.train.count, limit, seed)) };
}

/** What readers are handed. */
interface Source {
  readonly config: DatasetConfig;
  readonly model: DatasetModel;
  readonly seed: number;
  readonly workspace: string;
  readonly onProgress: OnProgress;
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
  const { frontend, classes, task } = model;
  if (frontend === undefined) {
    throw new UserError(
      'format "wav" needs a "frontend", which makes the network\'s input of samples: {"kind": "log-mel", …} for speech and other sounds, {"kind": "window", …} for samples as they are',
      { file: config.train },
    );
  }
  return readSounds({
    config,
    frontend,
    classes,
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

async function readArrays(
  { config, model, workspace, onProgress }: Source,
  format: 'idx' | 'numpy',
): Promise<RawDataset> {
  const numbers = targetNames({ config, model })?.length;
  const accept = acceptFor(model.input, numbers);
  const read = async (set: SetName): Promise<ExampleArrays[]> => {
    const key = `dataset.${set}`;
    const files = await findFiles(config[set], key, workspace);
    const labelsPattern = set === 'train' ? config.trainLabels : config.testLabels;
    const labelFiles =
      labelsPattern === undefined
        ? undefined
        : await findFiles(labelsPattern, `${key}Labels`, workspace);
    if (labelFiles !== undefined && labelFiles.length !== files.length) {
      throw new UserError(
        `${key}Labels matches ${labelFiles.length} files but ${key} matches ${files.length}`,
        { file: labelsPattern ?? config[set] },
      );
    }
    const parts: ExampleArrays[] = [];
    for (const [i, file] of files.entries()) {
      const labels = labelFiles?.[i];
      if (format === 'numpy') {
        const examples = mayLackLabels(model)
          ? await readNumpyExamples(file, labels, set, accept.examples)
          : undefined;
        parts.push(
          examples === undefined
            ? await readNumpy(file, labels, set, `${key}Labels`, accept)
            : { examples },
        );
      } else if (labels !== undefined) {
        const examples = await readIdx(file, accept.examples);
        parts.push({ examples, labels: await readIdx(labels, accept.labels) });
      } else if (mayLackLabels(model)) {
        parts.push({ examples: await readIdx(file, accept.examples) });
      } else throw new UserError(`name the file of the labels in ${key}Labels`, { file });
      onProgress({ what: SET_NAMES[set], done: i + 1, total: files.length });
      await breathe();
    }
    return parts;
  };
  const trainParts = await read('train');
  if (numbers !== undefined) {
    const testParts = await read('test');
    return {
      classNames: targetNames({ config, model }) ?? [],
      train: samplesFromArrays(trainParts, model.input, undefined, numbers),
      test: samplesFromArrays(testParts, model.input, undefined, numbers),
      notes: [],
    };
  }
  const { task } = model;
  if (task?.kind === 'anomaly') {
    const testParts = await read('test');
    const labels = labelsIn([...trainParts, ...testParts]);
    const known = labels.size === 0 ? undefined : anomalyClasses(labels, task.normal, config.train);
    const set = (parts: readonly ExampleArrays[]): Samples =>
      known !== undefined && areLabelled(parts)
        ? samplesFromArrays(parts, model.input, known)
        : allNormal(samplesFromArrays(parts, model.input, undefined));
    return { classNames: [], train: set(trainParts), test: set(testParts), notes: [] };
  }
  // Before the test set is read: it may be large.
  const classes = areLabelled(trainParts)
    ? classesOfArrays(trainParts, model.classes, knownTo(model))
    : undefined;
  const testParts = await read('test');
  if (classes === undefined || !areLabelled(testParts)) {
    return withoutLabels(
      model,
      samplesFromArrays(trainParts, model.input, undefined),
      samplesFromArrays(testParts, model.input, undefined),
      [...trainParts, ...testParts].some(({ labels }) => labels !== undefined),
    );
  }
  const train = samplesFromArrays(trainParts, model.input, classes);
  const test = samplesFromArrays(testParts, model.input, classes);
  return { classNames: classes.names, train, test, notes: classes.notes };
}

/** @param some whether some of the examples have labels */
function withoutLabels(
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

async function readTables({ config, model, workspace, onProgress }: Source): Promise<RawDataset> {
  const { label } = config;
  const target = targetNames({ config, model });
  const anomaly = model.task?.kind === 'anomaly' ? model.task : undefined;
  const labelled = target === undefined && anomaly === undefined;
  if (label === undefined && labelled && model.labels !== 'optional') {
    throw new UserError('format "csv" needs dataset.label, the name of the label column', {
      file: config.train,
    });
  }
  const { frontend } = model;
  const size = frontend?.length ?? config.window;
  const window = size === undefined ? undefined : { size, step: config.step ?? size };
  const { columns, recording, subject, timestamp } = config;
  const wanted = {
    label,
    ordered: window !== undefined,
    accept: (file: string, used: readonly string[]) =>
      frontend === undefined
        ? checkWidth(file, used, size, model.input)
        : checkChannels(file, used, frontend.channels),
    ...defined({ columns, recording, subject, timestamp, target }),
  };
  // Columns are found by name, whatever their order in a file: that of the first training file is the input's.
  let first: CsvTable | undefined;
  const read = async (set: SetName): Promise<CsvTable[]> => {
    const files = await findFiles(config[set], `dataset.${set}`, workspace);
    const tables: CsvTable[] = [];
    for (const [i, file] of files.entries()) {
      const table = await readCsvTable(file, { ...wanted, ...defined({ first }) });
      first ??= table;
      tables.push(table);
      onProgress({ what: SET_NAMES[set], done: i + 1, total: files.length });
    }
    return tables;
  };
  const trainTables = await read('train');
  const testTables = await read('test');
  checkSubjects(trainTables, testTables);
  const classes =
    label === undefined
      ? undefined
      : anomaly
        ? anomalyClasses(
            [...trainTables, ...testTables].flatMap(({ labelNames }) => labelNames),
            anomaly.normal,
            config.train,
          )
        : csvClasses(trainTables, model.classes, knownTo(model));
  const shape = frontend === undefined ? model.input : undefined;
  const train = samplesFromTables(trainTables, classes, window, shape);
  const test = samplesFromTables(testTables, classes, window, shape);
  const windows = frontend && window && tableWindows(trainTables, testTables, frontend, window);
  const notes = [
    ...(classes?.notes ?? []),
    ...[...trainTables, ...testTables].flatMap((table) => table.notes),
    ...leftOverNote('train', train),
    ...leftOverNote('test', test),
  ];
  if (target !== undefined) {
    return {
      classNames: target,
      train: train.samples,
      test: test.samples,
      ...defined({ windows }),
      notes,
    };
  }
  if (classes === undefined && anomaly) {
    return {
      classNames: [],
      train: allNormal(train.samples),
      test: allNormal(test.samples),
      ...defined({ windows }),
      notes,
    };
  }
  if (classes === undefined) {
    return withoutLabels(model, train.samples, test.samples, false, notes);
  }
  return {
    classNames: classes.names,
    train: train.samples,
    test: test.samples,
    ...defined({ windows }),
    notes,
  };
}

function tableWindows(
  train: readonly CsvTable[],
  test: readonly CsvTable[],
  { sampleRate }: FrontendConfig,
  { size, step }: RowWindow,
): NonNullable<RawDataset['windows']> {
  const setting = { length: size, step, ...defined({ sampleRate, counts: countsOf(train) }) };
  return { train: new TableWindows(train, setting), test: new TableWindows(test, setting) };
}

/** Where nothing says which examples are anomalies. */
function allNormal(samples: Samples): Samples {
  return { ...samples, targets: new Float32Array(samples.count) };
}

function leftOverNote(set: SetName, { leftOver, rows }: CsvSamples): string[] {
  if (leftOver === 0) return [];
  return [
    `${leftOver} of the ${rows} rows of the ${SET_NAMES[set]} are in no window: ` +
      'a window never crosses a change of label, of the recording or the end of a file',
  ];
}

async function readImages({
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
}

function checkSets(task: Task, { train, test, classNames }: RawDataset, learns: boolean): void {
  checkTargets(task, train, classNames, SET_NAMES.train);
  checkTargets(task, test, classNames, SET_NAMES.test);
  const problem = learns ? task.trainingProblem(train.targets, classNames) : undefined;
  if (problem !== undefined) throw new UserError(problem);
}

/**
 * What to do about a class without examples depends on where they went.
 * @param classesRead class indices that the training files have, before any limit
 */
function checkClasses(
  raw: RawDataset,
  classesRead: ReadonlySet<number>,
  { config, model }: Source,
): void {
  const present = new Set(raw.train.targets);
  const empty = Array.from({ length: model.classes }, (_, i) => i).find((i) => !present.has(i));
  if (empty !== undefined) {
    const name = `class "${raw.classNames[empty] ?? empty}"`;
    throw new UserError(
      classesRead.has(empty) || isInFolders(config.format)
        ? `${name} has no example among the ${raw.train.count} that dataset.limit chose; raise it`
        : config.window !== undefined
          ? `${name} fills no window of ${config.window} rows in the training set; make dataset.window smaller, or leave that label's rows out`
          : `${name} has no example in the training set; dataset.train must name the files of every class`,
    );
  }
}

function requireTestSet(raw: RawDataset, { config }: Source): void {
  if (raw.test.count === 0) {
    throw new UserError(
      config.window === undefined
        ? 'the test set is empty'
        : `no window of ${config.window} rows of one label fits into the test set; make dataset.window smaller`,
    );
  }
}
