/** The run of a config that makes a float network int8 without training: over in seconds to minutes, without checkpoints. */
import { dataWarnings } from '../dataset/data-warnings';
import type { Dataset } from '../dataset/dataset';
import { requireSecondOpinion } from '../firmware/second-opinion';
import { outputSize } from '../graph/graph';
import { encodedPlan } from '../plan/encoded-plan';
import { evaluateInThreads } from '../quant/evaluate-in-threads';
import { withIndices } from '../quant/scores';
import { readAnswers } from '../tasks/answers';
import { withMeasurement, type Measurement, type Stage } from '../tasks/measurement';
import { taskOf } from '../tasks/tasks';
import type { Engine } from '../train/engines/engine';
import type { FloatNetwork } from '../train/imported/float-network';
import { outputsOf } from '../train/imported/observe';
import { quantizeNetwork } from '../train/imported/quantize-network';
import { inputTensorOf } from '../train/loop/context';
import { defined } from '../util/defined';
import type { RunJob, RunResult } from './actions';
import { chooseExamples } from './choose-examples';
import { encodeUntrained } from './encode-untrained';
import type { RunEvent } from './events';
import { overBudget, type JobPlan } from './plan-job';
import { withProposals } from './with-proposals';
import { QUANTIZED_METHOD, weightsIn } from '../report/report';

export async function runQuantized(
  { config, folder, onNote }: RunJob,
  plan: JobPlan,
  engine: Engine,
  network: FloatNetwork,
  dataset: Dataset,
  tell: (event: RunEvent) => void,
): Promise<RunResult> {
  const trainedWith = `${engine.build}, no training`;
  tell({
    type: 'started',
    time: now(),
    step: 0,
    totalSteps: 0,
    trainedWith,
    pid: process.pid,
  });
  const { task: kind, facts, test, normalization, outputNames } = dataset;
  const task = taskOf(kind, facts);
  let measured: Measurement[] = [];
  const note = (stage: Stage, value: number): void => {
    const measurement = { metric: task.metric.name, stage, value };
    measured = withMeasurement(measured, measurement);
    tell({
      type: 'evaluation',
      time: now(),
      step: 0,
      epoch: 0,
      set: 'test',
      examples: test.count,
      ...measurement,
    });
  };
  const outputs = await outputsOf(engine, network, test, normalization);
  const answers = readAnswers(task, outputs, outputSize(network.graph));
  note('float', task.measure(answers, test.targets));
  const quantized = await quantizeNetwork(engine, network, {
    samples: dataset.train,
    normalization,
    inputTensor: inputTensorOf(dataset),
  });
  const { choice, noise } = quantized;
  const { value, answers: codes } = await evaluateInThreads(
    quantized.model,
    kind,
    test,
    normalization,
    { ...defined({ facts }) },
  );
  note('fitted', value);
  const details = task.details?.(codes, test.targets, outputNames);
  const model = withIndices(quantized.model, plan.model.graph);
  const { encoded, flash } = encodeUntrained(config, plan, model);
  requireSecondOpinion(encoded);
  const problem = overBudget(config, flash, encoded, 'quantised');
  if (problem !== undefined) throw problem;
  folder.saveModel(encoded, { normalization, task: kind, outputNames, ...defined({ facts }) });
  folder.saveExamples(chooseExamples(dataset, model));
  const report = withProposals(config, plan, {
    config: { ...config, east: { ...config.east, method: 'dense' } },
    method: QUANTIZED_METHOD,
    run: folder.id,
    trainedWith,
    encoded,
    plan: encodedPlan(encoded, plan.memory),
    code: flash.code,
    blobBudget: flash.blobBudget,
    measured,
    testExamples: test.count,
    baseline: task.baseline(test.targets, outputNames.length),
    normalization,
    warnings: dataWarnings(dataset),
    quantized: { choice, noise },
    ...defined({ details }),
  });
  folder.saveReport(report);
  onNote(`quantised: ${report.layers.length} layers, ${encoded.blob.length} bytes of weights`);
  tell({ type: 'finished', time: now(), step: 0, ...weightsIn(report) });
  return { status: 'finished', report };
}

function now(): string {
  return new Date().toISOString();
}
