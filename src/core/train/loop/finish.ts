/** What training ends in: the best candidate as the integer model that is deployed. */
import { USUAL_CODEC } from '../../codecs/choice';
import type { WeightFormat } from '../../formats/formats';
import type { QuantizedModel } from '../../quant/model';
import type { TaskDetails } from '../../tasks/details';
import type { TaskFacts } from '../../tasks/facts';
import type { Measurement } from '../../tasks/measurement';
import { taskOf } from '../../tasks/tasks';
import { defined } from '../../util/defined';
import { quantizations, type LoopContext } from './context';
import { deploy } from './deploy';
import { measureInteger, noteResult } from './measuring';
import type { ProgressTeller } from './progress-teller';
import { rangeMap, restoreParameters } from './training-state';

export interface FinishedTraining {
  readonly status: 'finished';
  readonly step: number;
  readonly model: QuantizedModel;
  /** By layer name: what the model's codes are to be packed as. */
  readonly formats: Readonly<Record<string, WeightFormat>>;
  /** By layer name: id of the codec that is to store them. */
  readonly codecs: Readonly<Record<string, string>>;
  /** Over the test set, of every stage. */
  readonly measured: readonly Measurement[];
  readonly testExamples: number;
  /** What of the task the firmware needs. */
  readonly facts?: TaskFacts;
  /** Over the test set, of the integer model. */
  readonly details?: TaskDetails;
}

export async function finish(loop: LoopContext, tell: ProgressTeller): Promise<FinishedTraining> {
  const { setup, state, task } = loop;
  const { best, parameters } = state;
  if (best) restoreParameters(best.arrays, parameters);
  const tensors = quantizations(loop, best && rangeMap(best.info.ranges));
  const model = deploy(setup.graph, parameters, tensors, setup.tileWeights, setup.constants);
  const { value, answers } = await measureInteger(loop, model);
  noteResult(loop, tell, 'fitted', value);
  const { dataset } = setup;
  const facts = task.conclude
    ? task.conclude(
        (await measureInteger(loop, model, 'validation')).answers,
        dataset.validation.targets,
      )
    : dataset.facts;
  const details = taskOf(dataset.task, facts).details?.(
    answers,
    dataset.test.targets,
    dataset.outputNames,
  );
  return {
    status: 'finished',
    step: state.step,
    model,
    formats: Object.fromEntries([...parameters].map(([name, { format }]) => [name, format.id])),
    codecs: Object.fromEntries(
      [...parameters].map(([name, { format }]) => [name, format.codec ?? USUAL_CODEC]),
    ),
    measured: state.measured,
    ...defined({ facts, details }),
    testExamples: setup.dataset.test.count,
  };
}
