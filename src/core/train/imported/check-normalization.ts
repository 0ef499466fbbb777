/** Whether an imported network knows its data: what looks like a bad network is mostly a wrong normalisation. */
import type { NormalizeConfig } from '../../config/config';
import type { Dataset, Samples } from '../../dataset/dataset';
import { measureNormalization } from '../../dataset/normalization';
import { USUAL_NORMALIZATIONS, normalizedBy } from '../../dataset/normalize';
import { outputSize } from '../../graph/graph';
import { readAnswers } from '../../tasks/answers';
import type { Metric } from '../../tasks/task';
import { isAsGood, isNearBaseline, taskOf } from '../../tasks/tasks';
import type { Engine } from '../engines/engine';
import type { FloatNetwork } from './float-network';
import { outputsOf, spread } from './observe';

/** Examples that each normalisation is tried on, and those that are as good as the best once more. */
const EXAMPLES = 300;
const MORE_EXAMPLES = 3000;

export interface Tried {
  readonly setting: NormalizeConfig;
  /** The task's metric over some training examples. */
  readonly value: number;
  /** How many others have the same, so that how clearly it tells the right classes has decided. */
  readonly tied: number;
}

interface Measured extends Tried {
  /** Mean of −ln of the share that the right class gets; 0 where the network chooses no class. */
  readonly surprise: number;
}

/** What the network makes of labelled examples normalised as they are. */
async function measure(
  engine: Engine,
  network: FloatNetwork,
  dataset: Pick<Dataset, 'task' | 'facts' | 'train' | 'normalization'>,
  examples: number,
): Promise<Pick<Measured, 'value' | 'surprise'>> {
  const task = taskOf(dataset.task, dataset.facts);
  const some = spread(dataset.train, examples);
  const outputs = await outputsOf(engine, network, some, dataset.normalization);
  const size = outputSize(network.graph);
  const value = task.measure(readAnswers(task, outputs, size), some.targets);
  const surprise = dataset.task === 'classification' ? surpriseOf(outputs, some.targets, size) : 0;
  return { value, surprise };
}

/**
 * Mean of −ln of the share that the right class gets, the scores brought to one spread: else larger inputs alone would make a
 * network surer.
 *
 * @param outputs scores before a softmax, row by row
 */
function surpriseOf(outputs: Float32Array, targets: Float32Array, size: number): number {
  const rows = Array.from(targets, (_, i) => {
    const scores = [...outputs.subarray(i * size, (i + 1) * size)];
    const mean = scores.reduce((a, b) => a + b, 0) / size;
    return scores.map((score) => score - mean);
  });
  const power = rows.flat().reduce((sum, score) => sum + score * score, 0) / outputs.length;
  const scale = SPREAD / Math.sqrt(power || 1);
  const surprise = rows.reduce((sum, scores, i) => {
    const all = scores.reduce((total, score) => total + Math.exp(score * scale), 0);
    return sum + Math.log(all) - (scores[targets[i]!] ?? -Infinity) * scale;
  }, 0);
  return surprise / targets.length;
}

/** Root of the mean square of scores: with it, of two classes the right one gets 98 % where all are told apart equally well. */
const SPREAD = 2;

/**
 * All that networks are usually trained with, the best first. Labels are needed. Of those that are alike on a few examples more
 * are looked at.
 */
export async function tryNormalizations(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
): Promise<Tried[]> {
  const { metric, baseline } = taskOf(dataset.task, dataset.facts);
  const chance = baseline(spread(dataset.train, EXAMPLES).targets, dataset.outputNames.length);
  const on = async (setting: NormalizeConfig, examples: number): Promise<Measured> => {
    const some = spread(dataset.train, examples);
    const seen = normalizedBy({ ...dataset, train: some, validation: NONE, test: NONE }, setting);
    return { setting, tied: 0, ...(await measure(engine, network, seen, examples)) };
  };
  const better = (a: Measured, b: Measured): number =>
    a.value === b.value ? a.surprise - b.surprise : isAsGood(metric, a.value, b.value) ? -1 : 1;
  const tried: Measured[] = [];
  for (const setting of settingsFor(dataset.train)) tried.push(await on(setting, EXAMPLES));
  tried.sort(better);
  const [first] = tried;
  if (first === undefined) return [];
  const alike = tried.filter(
    ({ value }) => !isFarBetter(metric, first.value, value, chance, ALIKE),
  );
  if (alike.length > 1 && dataset.train.count > EXAMPLES) {
    for (const [i, { setting }] of alike.entries()) tried[i] = await on(setting, MORE_EXAMPLES);
  }
  const found = tried.slice(0, alike.length).sort(better);
  const tied = found.filter(({ value }) => value === found[0]?.value).length - 1;
  return [...found, ...tried.slice(alike.length)].map(({ setting, value }, i) => ({
    setting,
    value,
    tied: i === 0 ? tied : 0,
  }));
}

const NONE: Samples = {
  count: 0,
  shape: [1, 1, 1],
  data: new Uint8Array(0),
  targets: new Float32Array(0),
};

function settingsFor(samples: Samples): NormalizeConfig[] {
  if (!(samples.data instanceof Uint8Array)) {
    const { mean, std } = measureNormalization(samples);
    return [
      { mean: 0, std: 1 },
      { mean, std },
      { mean: 0, std: 255 },
      { mean: 0.5, std: 0.5 },
    ];
  }
  const coloured = samples.shape[2] === 3;
  return USUAL_NORMALIZATIONS.flatMap((setting): NormalizeConfig[] => {
    const channels = Array.isArray(setting.mean) ? setting.mean.length : 1;
    if (channels > 1 && !coloured) return [];
    return coloured && channels === 1 ? [setting, { ...setting, order: 'bgr' }] : [setting];
  });
}

export interface Suspicion {
  /** The task's metric over a few hundred training examples, and that of one answer for all of them. */
  readonly value: number;
  readonly chance: number;
  /** Whether that is hardly better than one answer for all. */
  readonly near: boolean;
  /** The usual normalisation that is far better; undefined where none is. */
  readonly better?: Tried;
}

/** Parts of the way from one answer for all to no mistake that make a normalisation far better than another, or as good. */
const FAR = 0.1;
const ALIKE = 0.02;

function isFarBetter(
  { best }: Metric,
  value: number,
  than: number,
  chance: number,
  by = FAR,
): boolean {
  return (value - than) / (best - chance) >= by;
}

/** Where the network does hardly better than one answer for all examples, or another normalisation is far better. */
export async function suspectNormalization(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
): Promise<Suspicion | undefined> {
  const { metric, baseline } = taskOf(dataset.task, dataset.facts);
  const chance = baseline(spread(dataset.train, EXAMPLES).targets, dataset.outputNames.length);
  const { value } = await measure(engine, network, dataset, EXAMPLES);
  const near = isNearBaseline(metric, value, chance);
  // Nothing can be far better than what is nearly perfect.
  if (!near && !isFarBetter(metric, metric.best, value, chance)) return undefined;
  const [best] = await tryNormalizations(engine, network, dataset);
  const better =
    best !== undefined &&
    !isNearBaseline(metric, best.value, chance) &&
    isFarBetter(metric, best.value, value, chance)
      ? best
      : undefined;
  if (better !== undefined) return { value, chance, near, better };
  return near ? { value, chance, near } : undefined;
}
