/**
 * The activation that a network ends in. Losses take plain scores: the softmax of classes and the sigmoid of yes and no are
 * theirs. What people end a network in from habit is understood where it is that, and told of where it keeps it from learning.
 */
import type { WrittenLayer } from '../ops/written';
import { lastActivation } from '../ops/written';
import type { Report } from './checks';
import type { DatasetConfig, ModelConfig, TaskChoice, TaskConfig } from './config';
import { withOutputs } from './resolve';

/** Tasks whose loss has a sigmoid for each output. */
const YES_OR_NO: readonly TaskChoice[] = ['binary', 'multi-label'];

export function isYesOrNo({ kind }: Pick<TaskConfig, 'kind'>): boolean {
  return YES_OR_NO.includes(kind);
}

/** The model as its task has it: with as many outputs as that asks for, and plain scores at its end. */
export function forTask(
  model: ModelConfig,
  task: TaskConfig,
  dataset: Pick<DatasetConfig, 'target'> | undefined,
): ModelConfig {
  return withScores(withOutputs(model, task, dataset), task);
}

/**
 * The model without a sigmoid at its end that the loss has: trained through two of them a network learns next to nothing. The
 * threshold of the chip is that of the score, which says the same without computing it.
 */
function withScores(model: ModelConfig, task: TaskConfig): ModelConfig {
  const { layers = [] } = model;
  const last = layers.at(-1);
  const found = last && lastActivation(last);
  if (found?.leaves.probability !== 'each' || !isYesOrNo(task)) return model;
  const before = layers.slice(0, -1);
  if (found.key === 'activation') return { ...model, layers: [...before, plain(last!)] };
  // Alone it is no network, which is told of as it stands.
  return before.length === 0 ? model : { ...model, layers: before };
}

function plain(layer: WrittenLayer): WrittenLayer {
  return 'activation' in layer ? { ...layer, activation: 'none' } : layer;
}

export function checkOutputActivation(
  { layers = [] }: ModelConfig,
  task: TaskConfig,
  report: Report,
): void {
  const last = layers.at(-1);
  const found = last && lastActivation(last);
  if (found === undefined) return;
  const { kind } = task;
  const { name, key, leaves } = found;
  const where = ['model', 'layers', layers.length - 1, key];
  const say = (message: string, severity?: 'warning'): void =>
    report(where, `model.layers[${layers.length - 1}].${key}: ${message}`, severity);
  const yesOrNo = isYesOrNo(task);
  if (leaves.probability === 'one of all') {
    if (kind === 'classification') return;
    const why = yesOrNo
      ? `and each output of ${kind} is there or not by itself`
      : `and ${kind} is about numbers`;
    say(`${name} makes the outputs probabilities of which one is true, ${why}; leave it out`);
    return;
  }
  if (leaves.probability === 'each' && yesOrNo) return;
  const wanted =
    kind === 'classification'
      ? 'the loss has the softmax of the classes, whose scores may be any number'
      : yesOrNo
        ? 'the loss has the sigmoid of each output, whose score may be any number'
        : kind === 'regression'
          ? 'targets are brought to mean 0 and standard deviation 1, and so some lie beyond'
          : 'the network rebuilds its normalised input, which lies around 0';
  say(`${name} leaves the outputs ${leaves.range}, but ${wanted}; leave it out`, 'warning');
}
