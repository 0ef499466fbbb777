/** From a sound config file to what a run works with: the defaults that follow from other keys, sizes in bytes. */
import { basename } from 'node:path';
import {
  DEFAULT_DECODE,
  type BudgetConfig,
  type DatasetConfig,
  type ModelConfig,
  type TaskConfig,
  type TrainingConfig,
} from './config';
import type { BudgetFile, TaskFile, TrainingFile } from './config-file';
import { parseFraction, parseShareOrSize, parseSize } from './size';
import { defined, ifDefined } from '../util/defined';

/**
 * Highest learning rate of fitting, in those of the float network: the step that rounding and pruning ask for is no small one
 * (docs/decisions/training.md). Weights from a file are moved less.
 */
export const FITTING_RATE = { adam: 2, sgd: 1, file: 1 } as const;

/** As the schema has it, which a run's record must keep to, too. */
const HIGHEST_RATE = 10;

/** Classification is what every network is for whose config says nothing else. */
export function resolveTask(task: TaskFile = 'classification'): TaskConfig {
  return typeof task === 'string' ? { kind: task } : task;
}

/** The model with as many outputs as its task asks for, where they are not one for each class. */
export function withOutputs(
  model: ModelConfig,
  task: TaskConfig,
  dataset: Pick<DatasetConfig, 'target'> | undefined,
): ModelConfig {
  // A file says itself how many it has; against targets they are counted where it is read.
  const counted = model.file === undefined || task.kind === 'regression';
  const outputs = counted ? outputsFor(model, task, dataset) : undefined;
  return outputs === undefined ? model : { ...model, outputs };
}

/** Undefined where each class has one, or where nothing says how many there must be. */
export function outputsFor(
  { input, classes, outputs }: ModelConfig,
  { kind }: TaskConfig,
  dataset: Pick<DatasetConfig, 'target'> | undefined,
): number | undefined {
  switch (kind) {
    case 'classification':
      return undefined;
    case 'binary':
      return 1;
    case 'multi-label':
      return dataset?.target?.length ?? classes;
    case 'regression':
      return dataset?.target?.length ?? outputs;
    case 'anomaly':
      return input?.reduce((product, size) => product * size, 1);
  }
}

/** @param fit whether the weights to begin with are a file's */
export function resolveTraining(file: TrainingFile, fit: boolean): TrainingConfig {
  const sgd = file.optimizer === 'sgd';
  const learningRate = file.learningRate ?? (sgd ? 0.1 : 0.003);
  return {
    ...file,
    learningRate,
    pruneEpochs: file.pruneEpochs ?? Math.max(1, file.epochs),
    pruneLearningRate:
      file.pruneLearningRate ??
      Math.min(HIGHEST_RATE, FITTING_RATE[fit ? 'file' : file.optimizer] * learningRate),
    weightDecay: file.weightDecay ?? (sgd ? 5e-4 : 1e-4),
  };
}

/** @param file checked: every size is one */
export function resolveBudget(file: BudgetFile): BudgetConfig {
  const flash = file.flash === undefined ? undefined : parseSize(file.flash);
  const ram = file.ram === undefined ? undefined : parseSize(file.ram);
  const weights = file.weights === undefined ? undefined : parseShareOrSize(file.weights);
  // Without a limit it is 1, so that a record says what a config of today means.
  const decode = file.decode === undefined ? DEFAULT_DECODE : (file.decode ?? 1);
  return {
    ...defined({
      flash,
      ram,
      weights,
      accuracy: ifDefined(file.accuracy, parseFraction),
      floor: file.floor,
    }),
    decode,
  };
}

/** A C identifier made of the file's name: `my-meter.east.json` gives `my_meter`. */
export function nameFromFile(file: string): string {
  const stem = basename(file).replace(/(\.east)?\.jsonc?$/i, '');
  const name = stem
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  return /^[A-Za-z]/.test(name) ? name : `model_${name}`.replace(/_$/, '').slice(0, 40);
}
