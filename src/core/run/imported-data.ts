/** The examples as a network that was trained elsewhere is to see them, and what it makes of those without labels. */
import type { DatasetConfig, NormalizeConfig } from '../config/config';
import type { Dataset } from '../dataset/dataset';
import { GUESSED } from '../dataset/normalization';
import { normalizedBy } from '../dataset/normalize';
import { INPUT } from '../graph/graph';
import type { LoadedModel } from '../models/model';
import { normalizeOf } from '../models/normalization';
import { formatMetric } from '../report/format';
import { isNearBaseline, taskOf } from '../tasks/tasks';
import type { Engine } from '../train/engines/engine';
import {
  suspectNormalization,
  tryNormalizations,
  type Tried,
} from '../train/imported/check-normalization';
import type { FloatNetwork } from '../train/imported/float-network';
import type { TensorQuantization } from '../quant/model';
import { defined } from '../util/defined';
import { UserError } from '../util/errors';

/** What is known of the input of a file's network without looking at examples; undefined where nothing is. */
function saidByFile(
  { file, quantization }: LoadedModel,
  dataset: Dataset,
): NormalizeConfig | undefined {
  const hint = file?.normalization;
  const bytes = dataset.train.data instanceof Uint8Array;
  if (hint !== undefined) return normalizeOf(hint, bytes ? 'bytes' : 'numbers');
  const input = quantization?.tensors[INPUT];
  if (input === undefined) return undefined;
  // Numbers of other types come as the network has them.
  if (!bytes) return { mean: 0, std: 1 };
  return wholeRange(input) ? { mean: 128 + input.zeroPoint, std: 1 / input.scale } : undefined;
}

/** How far all of an input's codes reach where they are the pixels, 128 less, of a network that sees 0…1, −1…1 or 0…255. */
const USUAL_REACH = [1, 2, 255];
/** By which an observed range may miss it: the blackest and the whitest pixel that a converter was shown. */
const ROOM = 0.03;

function wholeRange({ scale }: TensorQuantization): boolean {
  return USUAL_REACH.some((reach) => Math.abs((255 * scale) / reach - 1) <= ROOM);
}

/** Without an engine: by the config or the file alone, else as measured; of a network as it is, bytes need the one or the other. */
export function normalizedByFile(
  model: LoadedModel,
  config: DatasetConfig,
  dataset: Dataset,
): Dataset {
  const setting = config.normalize ?? saidByFile(model, dataset);
  if (setting !== undefined) return normalizedBy(dataset, setting);
  const input = model.quantization?.tensors[INPUT];
  // A network that is trained here gets its examples as they were measured.
  if (input === undefined) return dataset;
  const scale = Number(input.scale.toPrecision(4));
  throw new UserError(
    `the file does not say what its network expects of bytes (the scale of its input, ${scale}, is that of no ` +
      'usual range of pixels); set dataset.normalize to what it was trained with, such as { "range": "0..255" } or { "range": "-1..1" }',
  );
}

/**
 * By the config, else by what the file says, else by which of the usual ways the network knows most labels, else as bytes from
 * 0 to 1. Tells what was chosen, and warns where the network does not know its data.
 */
export async function normalizedForNetwork(
  engine: Engine,
  network: FloatNetwork,
  model: LoadedModel,
  config: DatasetConfig,
  dataset: Dataset,
  onNote: (note: string) => void,
): Promise<Dataset> {
  const { metric } = taskOf(dataset.task, dataset.facts);
  const text = (value: number): string => formatMetric(value, metric);
  const said = config.normalize ?? saidByFile(model, dataset);
  if (said === undefined) {
    const chosen = await guessed(engine, network, dataset);
    const { setting, value, tied = 0 } = chosen;
    const taken =
      JSON.stringify(setting) === '{}'
        ? 'numbers as they are'
        : `"normalize": ${JSON.stringify(setting)}`;
    onNote(
      value === undefined
        ? `warning: ${GUESSED}. Taken is ${taken}`
        : `the file does not say what its network expects of its input; taken is ${taken}, with which it has ${metric.name} ` +
            `${text(value)} on some training examples; write it into "dataset" to keep it`,
    );
    if (tied > 0) {
      onNote(
        `warning: ${tied} other usual ${tied === 1 ? 'normalisation has' : 'normalisations have'} the same ${metric.name}: taken is the one with ` +
          'which the network tells the right classes most clearly. Set dataset.normalize to what it was trained with',
      );
    }
    const seen = normalizedBy(dataset, setting);
    return value === undefined || tied > 0
      ? { ...seen, normalization: { ...seen.normalization, guessed: true } }
      : seen;
  }
  const seen = normalizedBy(dataset, said);
  if (dataset.unlabelled === true) return seen;
  // The sets of `seen` are normalised no further; only their order of colours may have been turned, and is turned back.
  const suspicion = await suspectNormalization(engine, network, seen);
  if (suspicion === undefined) return seen;
  const { value, chance, near, better } = suspicion;
  if (!near && better !== undefined) {
    onNote(
      `warning: before anything was done to it, the network has ${metric.name} ${text(value)} on the training examples. With ` +
        `"normalize": ${JSON.stringify(inOrder(better.setting, said))} in "dataset" it has ${text(better.value)}`,
    );
    return seen;
  }
  const now = `warning: before anything was done to it, the network has ${metric.name} ${text(value)} on the training examples; one answer for all of them has ${text(chance)}`;
  onNote(
    better === undefined
      ? `${now}. With none of the usual normalisations it is better: check that ${labelsAre(dataset.task)}, and that dataset.normalize says what it was trained with`
      : `${now}. With "normalize": ${JSON.stringify(inOrder(better.setting, said))} in "dataset" it has ${text(better.value)}`,
  );
  return seen;
}

/** What may be wrong with the labels of a network that knows nothing of its data. */
function labelsAre(task: Dataset['task']): string {
  return task === 'regression'
    ? 'the targets are in the units that the network was trained with'
    : 'the labels are in the order that the network knows';
}

/** As the config is to say it, found on examples whose colours `said` may have turned already. */
function inOrder(found: NormalizeConfig, said: NormalizeConfig): NormalizeConfig {
  if (said.order !== 'bgr') return found;
  const { order, ...rest } = found;
  return order === 'bgr' ? rest : { ...rest, order: 'bgr' };
}

async function guessed(
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
): Promise<{ readonly setting: NormalizeConfig } & Partial<Tried>> {
  if (dataset.unlabelled !== true) {
    const [best] = await tryNormalizations(engine, network, dataset);
    const task = taskOf(dataset.task, dataset.facts);
    const chance = task.baseline(dataset.train.targets, dataset.outputNames.length);
    if (best !== undefined && !isNearBaseline(task.metric, best.value, chance)) return best;
  }
  const bytes = dataset.train.data instanceof Uint8Array;
  return { setting: { ...defined({ range: bytes ? ('0..1' as const) : undefined }) } };
}
