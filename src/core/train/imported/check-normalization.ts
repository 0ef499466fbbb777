/** Whether an imported network knows its data: what looks like a bad network is mostly a wrong normalisation. */
import type { NormalizeConfig } from '../../config/config';
import type { Dataset, Samples } from '../../dataset/dataset';
import { measureNormalization } from '../../dataset/normalization';
import { USUAL_NORMALIZATIONS, normalizedBy } from '../../dataset/normalize';
import { outputSize } from '../../graph/graph';
import { readAnswers } from '../../tasks/answers';
import { isAsGood, isNearBaseline, taskOf } from '../../tasks/tasks';
import type { Engine } from '../engines/engine';
import type { FloatNetwork } from './float-network';
import { outputsOf, spread } from './observe';

/** Examples that each normalisation is tried on. */
const EXAMPLES = 300;

export interface Tried {
  readonly setting: NormalizeConfig;
  /** The task's metric over a few hundred training examples. */
  readonly value: number;
}

/** What the network makes of labelled examples normalised as they are. */
export async function valueOn(
  engine: Engine,
  network: FloatNetwork,
  dataset: Pick<Dataset, 'task' | 'facts' | 'train' | 'normalization'>,
): Promise<number> {
  const task = taskOf(dataset.task, dataset.facts);
  const some = spread(dataset.train, EXAMPLES);
  const outputs = await outputsOf(engine, network, some, dataset.normalization);
  return task.measure(readAnswers(task, outputs, outputSize(network.graph)), some.targets);
}

/** All that networks are usually trained with, the best first. Labels are needed. */
export async function tryNormalizations(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
): Promise<Tried[]> {
  const { metric } = taskOf(dataset.task, dataset.facts);
  const tried: Tried[] = [];
  for (const setting of settingsFor(dataset.train)) {
    const some = spread(dataset.train, EXAMPLES);
    const seen = normalizedBy({ ...dataset, train: some, validation: NONE, test: NONE }, setting);
    tried.push({ setting, value: await valueOn(engine, network, seen) });
  }
  return tried.sort((a, b) =>
    a.value === b.value ? 0 : isAsGood(metric, a.value, b.value) ? -1 : 1,
  );
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
  /** The usual normalisation that is far better; undefined where none is. */
  readonly better?: Tried;
}

/** Where the network does hardly better than one answer for all examples; undefined where it knows its data. */
export async function suspectNormalization(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
): Promise<Suspicion | undefined> {
  const { metric, baseline } = taskOf(dataset.task, dataset.facts);
  const chance = baseline(spread(dataset.train, EXAMPLES).targets, dataset.outputNames.length);
  const value = await valueOn(engine, network, dataset);
  if (!isNearBaseline(metric, value, chance)) return undefined;
  const [best] = await tryNormalizations(engine, network, dataset);
  return best === undefined || isNearBaseline(metric, best.value, chance)
    ? { value, chance }
    : { value, chance, better: best };
}
