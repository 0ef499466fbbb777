/** What the schema cannot say: rules between keys. Each check sees only sections that are sound by themselves. */
import { posix } from 'node:path';
import { codecsSet, suits } from '../codecs/choice';
import { formatSet } from '../formats/formats';
import type {
  DatasetConfig,
  EastConfig,
  ModelConfig,
  QuantizationConfig,
  TaskChoice,
  TaskConfig,
} from './config';
import type { BudgetFile, TrainingFile } from './config-file';
import type { KeyPath, Problem } from './problem';
import { outputsFor } from './resolve';
import { expectation, schemaAt } from './schema';
import { parseFraction, parseShareOrSize, parseSize } from './size';

export type Report = (path: KeyPath, message: string, severity?: Problem['severity']) => void;
/** Whether the user wrote that key, as opposed to its default. */
export type Given = (path: KeyPath) => boolean;

/** Returns whether the model is worth building. */
export function checkModel(model: ModelConfig, report: Report): boolean {
  const { architecture, layers, width, file } = model;
  if (architecture !== undefined && layers !== undefined) {
    report(['model', 'layers'], 'model: has both "architecture" and "layers"; keep one of them');
  } else if (file !== undefined) {
    return checkModelFile(model, report);
  } else if (architecture === undefined && layers === undefined) {
    report(['model'], 'model: needs an "architecture", a list of "layers" or a "file"');
  } else if (model.use !== undefined) {
    report(['model', 'use'], 'model.use: says what a "file" is used for, and there is none');
  } else if (model.output !== undefined) {
    report(['model', 'output'], 'model.output: names an output of a "file", and there is none');
  } else if (layers !== undefined && width !== undefined) {
    report(
      ['model', 'width'],
      'model.width: scales a named architecture; with "layers" give every layer its "filters" or "units"',
    );
  } else if (model.bottleneck !== undefined && architecture !== 'autoencoder') {
    report(['model', 'bottleneck'], 'model.bottleneck: is for architecture "autoencoder" only');
  } else {
    return true;
  }
  return false;
}

/** A file says for itself what the network is. */
function checkModelFile(model: ModelConfig, report: Report): boolean {
  const others = (['architecture', 'layers', 'width'] as const).filter(
    (key) => model[key] !== undefined,
  );
  for (const key of others) {
    report(
      ['model', key],
      `model.${key}: the network comes from "file", which says for itself what it is; keep one of the two`,
    );
  }
  return others.length === 0;
}

const LIMITED_KEYS = [
  'label',
  'target',
  'columns',
  'window',
  'step',
  'recording',
  'subject',
  'timestamp',
  'background',
] as const;
type LimitedKey = (typeof LIMITED_KEYS)[number];

/** Formats that a key is for. */
const FORMATS_OF: Readonly<Record<LimitedKey, readonly DatasetConfig['format'][]>> = {
  label: ['csv'],
  target: ['csv'],
  columns: ['csv'],
  window: ['csv'],
  step: ['csv', 'wav'],
  recording: ['csv'],
  subject: ['csv'],
  timestamp: ['csv'],
  background: ['wav'],
};

/** The number of classes may be left out only by a config that says of a task, or of a file, how many outputs there are. */
export function checkClassesGiven(has: (path: KeyPath) => boolean, report: Report): void {
  const given = [['model', 'classes'], ['model', 'file'], ['task']].some(has);
  if (!given && has(['model'])) missingOf('classes', report);
}

function missingOf(key: 'classes' | 'outputs', report: Report): void {
  const node = schemaAt(['model', key]);
  const expected = node ? `; expected ${expectation(node)}` : '';
  report(['model'], `model: "${key}" is missing${expected}`);
}

/** Keys of `task` besides the kind, and the kinds that have them. */
const TASK_KEYS: Readonly<Record<Exclude<keyof TaskConfig, 'kind'>, readonly TaskChoice[]>> = {
  classWeights: ['classification', 'binary'],
  positive: ['binary'],
  normal: ['anomaly'],
  falseAlarms: ['binary', 'anomaly'],
};

/** Between the task, the network's outputs and the data. */
export function checkTask(
  task: TaskConfig,
  { model, dataset }: { readonly model: ModelConfig; readonly dataset?: DatasetConfig },
  report: Report,
): void {
  const { kind } = task;
  for (const key of ['classWeights', 'positive', 'normal', 'falseAlarms'] as const) {
    if (task[key] === undefined || TASK_KEYS[key].includes(kind)) continue;
    report(
      ['task', key],
      `task.${key}: is for ${TASK_KEYS[key].join(' and ')} only, but the task is ${kind}`,
    );
  }
  if (model.file !== undefined) return checkTaskOfFile(kind, model, dataset, report);
  const outputs = outputsFor(model, task, dataset);
  const weights = typeof task.classWeights === 'object' ? task.classWeights.length : undefined;
  const classes = kind === 'binary' ? 2 : model.classes;
  if (weights !== undefined && classes !== undefined && weights !== classes) {
    report(
      ['task', 'classWeights'],
      `task.classWeights: has ${weights} weights for ${classes} classes; give one for each`,
    );
  }
  checkClassCount(task, model, dataset, report);
  if (model.outputs === undefined || model.outputs === outputs) return;
  report(
    ['model', 'outputs'],
    kind === 'classification'
      ? 'model.outputs: is for regression; classification has an output for each of "classes"'
      : `model.outputs: ${kind} has ${outputs} here, found ${model.outputs}; leave it out`,
  );
}

/** How many outputs there are is held against the file where that is read (models/check-config.ts). */
function checkTaskOfFile(
  kind: TaskChoice,
  { classes, outputs }: ModelConfig,
  dataset: DatasetConfig | undefined,
  report: Report,
): void {
  if (kind === 'classification') return;
  if (kind !== 'regression') {
    report(
      ['task'],
      `task: a network in a file is one for classification or regression, or does what its file says where examples have no labels; ` +
        `train one for ${kind} here, from an "architecture" or "layers"`,
    );
    return;
  }
  const targets = dataset?.target?.length;
  if (classes !== undefined) {
    report(['model', 'classes'], 'model.classes: regression has none; leave it out');
  }
  if (targets !== undefined && outputs !== undefined && targets !== outputs) {
    report(
      ['model', 'outputs'],
      `model.outputs: dataset.target names ${targets} columns, found ${outputs}; leave it out`,
    );
  }
}

function checkClassCount(
  { kind }: TaskConfig,
  { classes, outputs }: ModelConfig,
  dataset: DatasetConfig | undefined,
  report: Report,
): void {
  const missing = (key: 'classes' | 'outputs'): void => missingOf(key, report);
  const targets = dataset?.target?.length;
  const wrong = (why: string): void => report(['model', 'classes'], `model.classes: ${why}`);
  switch (kind) {
    case 'classification':
      if (classes === undefined) missing('classes');
      return;
    case 'multi-label':
      if (targets === undefined && classes === undefined) missing('classes');
      if (targets !== undefined && classes !== undefined && targets !== classes) {
        wrong(`dataset.target names ${targets} labels, found ${classes}; leave it out`);
      }
      return;
    case 'binary':
      if (classes !== undefined && classes !== 2) {
        wrong(`binary has two classes, found ${classes}; leave it out`);
      }
      return;
    case 'regression':
      if (targets === undefined && outputs === undefined) missing('outputs');
      if (classes !== undefined) wrong('regression has none; leave it out');
      return;
    case 'anomaly':
      if (classes !== undefined) {
        wrong('an autoencoder puts out its input, whatever classes there are; leave it out');
      }
  }
}

const LABEL_KEYS = ['trainLabels', 'testLabels'] as const;

/** @param mayLackLabels whether examples may come without labels */
export function checkDataset(
  dataset: DatasetConfig,
  { kind, normal }: TaskConfig,
  mayLackLabels: boolean,
  report: Report,
): void {
  const { format } = dataset;
  const numbers = kind === 'regression' || kind === 'multi-label';
  const unlabelled = mayLackLabels || kind === 'anomaly';
  if (format === 'csv') checkTarget(dataset, numbers, kind, report);
  else if (numbers && format !== 'numpy') {
    report(['dataset', 'format'], `dataset.format: ${kind} needs csv or numpy, found ${format}`);
  }
  if (format === 'csv' && dataset.label === undefined && !numbers && !unlabelled) {
    report(['dataset'], 'dataset: csv needs "label", the name of the column that holds the class');
  }
  for (const key of LIMITED_KEYS) {
    const formats = FORMATS_OF[key];
    if (dataset[key] !== undefined && !formats.includes(format)) {
      report(
        ['dataset', key],
        `dataset.${key}: is for ${formats.join(' and ')} only, but the format is ${format}`,
      );
    }
  }
  if (format === 'csv' && dataset.step !== undefined && dataset.window === undefined) {
    report(['dataset', 'step'], 'dataset.step: is the way between two windows; give "window" too');
  }
  if (format === 'csv' && dataset.recording !== undefined) checkRecording(dataset, report);
  if (dataset.label !== undefined && dataset.columns?.includes(dataset.label) === true) {
    report(
      ['dataset', 'columns'],
      `dataset.columns: holds the label column "${dataset.label}", which would give the answer away`,
    );
  }
  if (isTestedOnTraining(dataset)) {
    report(
      ['dataset', 'test'],
      'dataset.test: is the training data, so the reported accuracy says nothing about new examples',
      'warning',
    );
  }
  checkLabelFiles(dataset, unlabelled, report);
  if (kind === 'anomaly' && normal !== undefined) checkNormal(dataset, report);
}

/** Without labels anomalies would count as normal, and be trained on. An archive says only when it is read what it holds. */
function checkNormal(dataset: DatasetConfig, report: Report): void {
  const { format, label, train, test, trainLabels, testLabels } = dataset;
  const what = 'task.normal: says which labels are normal';
  if (format === 'csv' && label === undefined) {
    report(
      ['task', 'normal'],
      `${what}, but no column is named for them; name in dataset.label the column that says what is normal, or leave "normal" out if all rows are`,
    );
  }
  const apart =
    format === 'idx' ||
    (format === 'numpy' && [train, test].every((examples) => examples.endsWith('.npy')));
  // Examples that are all normal need no labels to be trained on; those of the test set tell then which of it are.
  if (apart && trainLabels === undefined && testLabels === undefined) {
    report(
      ['task', 'normal'],
      `${what}, but no file of labels is named; name it in dataset.trainLabels, or leave "normal" out if all examples are`,
    );
  }
}

/** Of one folder label files may name other parts for each set, and an archive may hold both sets. */
function isTestedOnTraining({ train, test, trainLabels, testLabels }: DatasetConfig): boolean {
  const same = (a?: string, b?: string): boolean =>
    (a && posix.normalize(a)) === (b && posix.normalize(b));
  return same(train, test) && same(trainLabels, testLabels) && !train.endsWith('.npz');
}

/** The columns of what is to be told: numbers, or a label. */
function checkTarget(
  { target, label, columns, recording }: DatasetConfig,
  numbers: boolean,
  kind: TaskChoice,
  report: Report,
): void {
  if (numbers && target === undefined) {
    report(
      ['dataset'],
      `dataset: ${kind} needs "target", the name of the column that is to be told, or several`,
    );
  }
  if (numbers && label !== undefined) {
    report(
      ['dataset', 'label'],
      `dataset.label: holds a class; ${kind} takes its columns from "target"`,
    );
  }
  if (!numbers && target !== undefined) {
    report(
      ['dataset', 'target'],
      `dataset.target: is for regression and multi-label, but the task is ${kind}; set "task", or name the column of the class in "label"`,
    );
  }
  const given = target?.find((name) => columns?.includes(name) === true);
  if (given !== undefined) {
    report(
      ['dataset', 'columns'],
      `dataset.columns: holds the target column "${given}", which would give the answer away`,
    );
  }
  if (recording !== undefined && target?.includes(recording) === true) {
    report(
      ['dataset', 'recording'],
      'dataset.recording: is a target column; name the column that tells recordings apart',
    );
  }
}

function checkRecording(
  { recording, label, columns, window }: DatasetConfig,
  report: Report,
): void {
  const problem =
    recording === label
      ? 'is the label column; name the column that tells recordings apart'
      : recording !== undefined && columns?.includes(recording) === true
        ? 'is one of "columns"; which recording a row is of is no input'
        : window === undefined
          ? 'keeps windows within a recording; give "window" too'
          : undefined;
  if (problem !== undefined) report(['dataset', 'recording'], `dataset.recording: ${problem}`);
}

function checkLabelFiles(dataset: DatasetConfig, unlabelled: boolean, report: Report): void {
  const { format } = dataset;
  for (const key of LABEL_KEYS) {
    const examples = key === 'trainLabels' ? 'train' : 'test';
    if (format !== 'idx' && format !== 'numpy') {
      if (dataset[key] === undefined || format === 'wav') continue;
      report(
        ['dataset', key],
        `dataset.${key}: is for idx, numpy and wav only, but the format is ${format}`,
      );
    } else if (
      !unlabelled &&
      dataset[key] === undefined &&
      (format === 'idx' || dataset[examples].endsWith('.npy'))
    ) {
      const kind = format === 'idx' ? 'idx' : 'a .npy file';
      report(
        ['dataset', examples],
        `dataset: ${kind} keeps the labels of "${examples}" in a file of their own; give "${key}"`,
      );
    }
  }
}

/** What of raw samples may be changed before a front end sees them. */
const RAW_CHANGES = ['timeShift', 'speed', 'gain', 'variants'] as const;

/** Between the data and a front end, which makes the network's input of raw samples. */
export function checkRawData(dataset: DatasetConfig, hasFrontend: boolean, report: Report): void {
  const { format, augment, background } = dataset;
  if (!hasFrontend) {
    if (format === 'wav') {
      report(
        ['dataset', 'format'],
        'dataset.format: wav needs a "frontend", which makes the input of samples: {"kind": "log-mel", …} for speech and other sounds, ' +
          '{"kind": "window", …} for samples as they are',
      );
    }
    for (const key of RAW_CHANGES) {
      if (augment[key] === undefined) continue;
      report(
        ['dataset', 'augment', key],
        `dataset.augment.${key}: changes raw samples before a "frontend", which there is not`,
      );
    }
    return;
  }
  if (format !== 'wav' && format !== 'csv') {
    report(
      ['dataset', 'format'],
      `dataset.format: a "frontend" makes the input of raw samples, which wav and csv hold, but the format is ${format}`,
    );
  }
  if (dataset.window !== undefined) {
    report(
      ['dataset', 'window'],
      'dataset.window: how many rows make an example says frontend.length; leave it out',
    );
  }
  if (
    augment.variants !== undefined &&
    background === undefined &&
    RAW_CHANGES.every((key) => key === 'variants' || augment[key] === undefined)
  ) {
    report(
      ['dataset', 'augment', 'variants'],
      'dataset.augment.variants: has no effect without background, timeShift, speed or gain, by which variants would differ',
      'warning',
    );
  }
  if (background !== undefined && background.snr[0] > background.snr[1]) {
    report(
      ['dataset', 'background', 'snr'],
      'dataset.background.snr: is [least, most]; put the smaller number first',
    );
  }
}

/** Between the examples and the network's input. */
export function checkInput(model: ModelConfig, dataset: DatasetConfig, report: Report): void {
  // Those of a file are looked at where it is read.
  const { input, classes } = model;
  if (input === undefined || classes === undefined) return;
  const [height, width, channels] = input;
  const found = `found [${input.join(', ')}]`;
  if (dataset.format === 'cifar10') {
    if (height !== 32 || width !== 32 || channels !== 3) {
      report(['model', 'input'], `model.input: cifar10 has images of [32, 32, 3], ${found}`);
    }
    if (classes !== 10) {
      report(['model', 'classes'], `model.classes: cifar10 has 10 classes, found ${classes}`);
    }
  }
  if (dataset.format === 'images' && channels !== 1 && channels !== 3) {
    report(['model', 'input'], `model.input: images have 1 channel (grey) or 3 (colour), ${found}`);
  }
  if (dataset.format === 'csv') checkTableInput(input, dataset, report);
}

/** Rows and columns against the input's shape; without "columns" only the file can tell the rest. */
function checkTableInput(input: readonly number[], dataset: DatasetConfig, report: Report): void {
  const { window, columns } = dataset;
  const found = `found [${input.join(', ')}]`;
  if (window === undefined) {
    const size = input.reduce((product, n) => product * n, 1);
    if (columns === undefined || size === columns.length) return;
    const wanted = `[1, 1, ${columns.length}]`;
    report(
      ['model', 'input'],
      `model.input: a row of ${columns.length} columns is ${wanted}, ${found}`,
    );
    return;
  }
  const sizes = (of: readonly number[]): number[] => of.filter((n) => n !== 1);
  const wanted = sizes(columns ? [window, columns.length] : [window]);
  const present = sizes(input);
  const fits =
    wanted.every((n, i) => n === present[i]) && (!columns || wanted.length === present.length);
  if (fits) return;
  const [text, shape] = columns
    ? [`${window} rows of ${columns.length} columns`, `[1, ${window}, ${columns.length}]`]
    : [`${window} rows`, `[1, ${window}, columns]`];
  report(['model', 'input'], `model.input: a window of ${text} is ${shape}, ${found}`);
}

export function checkBudget(budget: BudgetFile, report: Report): void {
  for (const key of ['flash', 'ram'] as const) {
    const size = budget[key];
    if (size !== undefined && !(parseSize(size) ?? 0)) {
      report(
        ['budget', key],
        `budget.${key}: expected at least one byte, found ${JSON.stringify(size)}`,
      );
    }
  }
  if (budget.weights === undefined) return;
  const weights = parseShareOrSize(budget.weights);
  const found = `found ${JSON.stringify(budget.weights)}`;
  if (!weights || ('bytes' in weights && weights.bytes < 1)) {
    report(['budget', 'weights'], `budget.weights: expected at least one byte, ${found}`);
  } else if ('fraction' in weights && !(weights.fraction > 0 && weights.fraction <= 1)) {
    report(
      ['budget', 'weights'],
      `budget.weights: expected a share above 0% and up to 100%, ${found}`,
    );
  }
}

/** The least that the network must reach, told in the task's own way. */
export function checkFloor(
  { accuracy, floor }: BudgetFile,
  { kind }: TaskConfig,
  report: Report,
): void {
  if (accuracy !== undefined && kind !== 'classification') {
    report(
      ['budget', 'accuracy'],
      `budget.accuracy: is for classification; for ${kind} give the worst value of its metric that passes in "floor"`,
    );
  } else if (
    accuracy !== undefined &&
    !(parseFraction(accuracy) > 0 && parseFraction(accuracy) <= 1)
  ) {
    report(
      ['budget', 'accuracy'],
      `budget.accuracy: expected a share above 0% and up to 100%, found ${JSON.stringify(accuracy)}`,
    );
  }
  if (floor !== undefined && kind === 'classification') {
    report(
      ['budget', 'floor'],
      'budget.floor: is for tasks other than classification; give the least accuracy in "accuracy"',
    );
  }
}

/** Between the method and what it works with. */
export function checkMethod(
  east: EastConfig,
  budget: BudgetFile,
  given: Given,
  report: Report,
): void {
  if (east.method !== 'dense' && budget.flash === undefined && budget.weights === undefined) {
    report(
      given(['budget']) ? ['budget'] : ['east', 'method'],
      `budget: method ${east.method} prunes until the weights fit; give "flash" or "weights"`,
    );
  }
  const unused = (key: keyof EastConfig, why: string): void => {
    if (given(['east', key])) report(['east', key], `east.${key}: has no effect ${why}`, 'warning');
  };
  if (east.method !== 'group') unused('group', `with method ${east.method}, only with group`);
  if (east.codec === 'entropy') unused('encoder', 'with codec entropy, only with LZ4 blocks');
  if (east.method === 'dense') {
    unused('interval', 'with method dense, which prunes nothing');
    unused('freeze', 'with method dense, which prunes nothing');
  }
}

/** Between the codec and the formats that it is to store. */
export function checkCodec(
  east: EastConfig,
  quantization: QuantizationConfig,
  report: Report,
): void {
  const { weights } = quantization;
  if (weights === 'auto') return;
  if (codecsSet(east.codec).some((codec) => suits(codec, formatSet(weights)))) return;
  report(
    ['east', 'codec'],
    `east.codec: ${east.codec} stores weights that can be zero one by one, which those of ${weights} bits cannot; ` +
      'set quantization.weights to 8, 4, "ternary" or "auto", or the codec to "auto" or "lz4"',
  );
}

export function checkTraining(
  training: TrainingFile,
  { method, fit }: { readonly method: EastConfig['method']; readonly fit: boolean },
  given: Given,
  report: Report,
): void {
  if (training.pruneEpochs === 0 && method !== 'dense') {
    report(
      ['training', 'pruneEpochs'],
      `training.pruneEpochs: method ${method} needs at least 1 epoch to prune in; 0 is for method dense`,
    );
  }
  if (fit && training.initialWeights !== undefined) {
    report(
      ['training', 'initialWeights'],
      'training.initialWeights: the weights to begin with are those of "model.file"; keep one of the two',
    );
  }
  if (!fit && training.distill !== undefined) {
    report(
      ['training', 'distill'],
      'training.distill: the network that teaches is that of "model.file" with "use": "fit", which there is not',
    );
  }
  if (!fit && training.epochs === 0 && training.initialWeights === undefined) {
    report(
      ['training', 'epochs'],
      'training.epochs: 0 epochs would prune random weights; give "initialWeights" or at least 1 epoch',
    );
  }
  if (training.shards !== undefined && training.shards > training.batchSize) {
    report(
      ['training', 'shards'],
      `training.shards: a batch of ${training.batchSize} cannot be split into ${training.shards} parts`,
    );
  }
  if (training.optimizer !== 'sgd' && given(['training', 'momentum'])) {
    report(
      ['training', 'momentum'],
      `training.momentum: has no effect with optimizer ${training.optimizer}, only with sgd`,
      'warning',
    );
  }
}
