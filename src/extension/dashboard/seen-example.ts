/** An example of the test set as the chip sees it: the codes that the front end makes of raw samples, and what is told by them. */
import { featureAxis, timeAxis, type Axis } from '../../core/frontends/axes';
import { featureShape } from '../../core/frontends/frontends';
import type { QuantizedModel } from '../../core/quant/model';
import type { Examples } from '../../core/run/examples-file';
import type { ModelInfo } from '../../core/run/model-file';
import { taskOf, type TaskKind } from '../../core/tasks/tasks';
import { defined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import type { SeenExample } from '../../protocol/dashboard';

type Told = Pick<ModelInfo, 'task' | 'facts' | 'outputNames'>;

/** Throws UserError where the network has no front end, or there is no such example. */
export function seenExample(
  model: Pick<QuantizedModel, 'frontend'>,
  info: Told,
  { vectors, targets }: Examples,
  index: number,
): SeenExample {
  const { frontend } = model;
  if (frontend === undefined) throw new UserError('the network has no front end');
  const count = vectors.inputs.length;
  const input = vectors.inputs[index];
  const output = vectors.outputs[index];
  if (input === undefined || output === undefined) {
    throw new UserError(`the run keeps ${count} examples, none of them number ${index + 1}`);
  }
  const [frames, features] = featureShape(frontend.config);
  const width = targets.length / Math.max(count, 1);
  const target = targets.subarray(index * width, (index + 1) * width);
  return {
    index,
    count,
    frames,
    features,
    codes: Int8Array.from(input),
    time: copied(timeAxis(frontend.config)),
    feature: copied(featureAxis(frontend.config)),
    ...defined({ label: labelOf(info, target), told: toldBy(info, output) }),
  };
}

/** As messages have it. */
function copied({ title, ticks }: Axis): SeenExample['time'] {
  return { title, ticks: [...ticks] };
}

function labelOf({ task, outputNames }: Told, target: Float32Array): string | undefined {
  const first = target[0];
  if (first === undefined) return undefined;
  const words: Partial<Record<TaskKind, string | undefined>> = {
    classification: outputNames[first],
    binary: first === 0 ? `not ${outputNames[0] ?? 'it'}` : outputNames[0],
    anomaly: first === 0 ? 'normal' : 'anomalous',
  };
  return words[task];
}

/** Of codes only their order is asked for, which is that of the numbers they stand for. */
function toldBy({ task, facts, outputNames }: Told, output: Int8Array): string | undefined {
  if (task !== 'classification') return undefined;
  const answer = new Float32Array(1);
  taskOf(task, facts).read(output, answer);
  return outputNames[answer[0] ?? -1];
}
