/** How well the network does on a whole set: as it is trained, or as the integer model that the firmware runs. */
import { evaluationBatches } from '../../dataset/batches';
import { outputSize } from '../../graph/graph';
import type { Evaluation } from '../../quant/evaluate';
import { evaluateInThreads } from '../../quant/evaluate-in-threads';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { readAnswers } from '../../tasks/answers';
import type { Stage } from '../../tasks/measurement';
import { withMeasurement } from '../../tasks/measurement';
import { defined } from '../../util/defined';
import type { LoopContext } from './context';
import type { ProgressTeller } from './progress-teller';

/** Of the live network, on the int8 grids where `quantization` is given. */
export async function measureNetwork(
  { setup, network, task, choosing }: LoopContext,
  set: 'validation' | 'test',
  quantization?: Readonly<Record<string, TensorQuantization>>,
): Promise<number> {
  const { dataset, batches, graph } = setup;
  const samples = dataset[set];
  const { measure } = set === 'test' ? task : choosing;
  const size = outputSize(graph);
  const answers = new Float32Array(samples.count * task.answerSize(size));
  let done = 0;
  for (const batch of evaluationBatches(samples, dataset.normalization, batches.batchSize)) {
    const logits = await network.infer(batch, quantization);
    const some = readAnswers(task, logits, size, batch.x);
    answers.set(some, done);
    done += some.length;
  }
  return measure(answers, samples.targets);
}

/** Of the exact integer arithmetic on a set, on all cores. */
export function measureInteger(
  { setup: { dataset } }: LoopContext,
  model: QuantizedModel,
  set: 'validation' | 'test' = 'test',
): Promise<Evaluation> {
  const { task, facts, normalization } = dataset;
  return evaluateInThreads(model, task, dataset[set], normalization, { ...defined({ facts }) });
}

/** A stage's result on the test set, which stays with the run. */
export function noteResult(
  { state, task }: LoopContext,
  tell: ProgressTeller,
  stage: Stage,
  value: number,
): void {
  state.measured = withMeasurement(state.measured, { metric: task.metric.name, stage, value });
  tell.measured(stage, 'test', value);
}
