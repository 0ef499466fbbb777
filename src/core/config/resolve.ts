/** From a sound config file to what a run works with: the defaults that follow from other keys, sizes in bytes. */
import { basename } from 'node:path';
import type { BudgetConfig, TrainingConfig } from './config';
import type { BudgetFile, TrainingFile } from './config-file';
import { parseShareOrSize, parseSize } from './size';
import { defined } from '../util/defined';

export function resolveTraining(file: TrainingFile): TrainingConfig {
  const sgd = file.optimizer === 'sgd';
  const learningRate = file.learningRate ?? (sgd ? 0.1 : 0.003);
  return {
    ...file,
    learningRate,
    pruneEpochs: file.pruneEpochs ?? Math.max(1, Math.ceil(file.epochs / 2)),
    pruneLearningRate: file.pruneLearningRate ?? learningRate / 4,
    weightDecay: file.weightDecay ?? (sgd ? 5e-4 : 1e-4),
  };
}

/** @param file checked: every size is one */
export function resolveBudget(file: BudgetFile): BudgetConfig {
  const flash = file.flash === undefined ? undefined : parseSize(file.flash);
  const ram = file.ram === undefined ? undefined : parseSize(file.ram);
  const weights = file.weights === undefined ? undefined : parseShareOrSize(file.weights);
  return {
    ...defined({ flash, ram, weights }),
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
