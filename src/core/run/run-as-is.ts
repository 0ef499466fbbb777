/** The run of a config that takes an int8 network as it is: nothing is trained, so it is over in seconds and has no checkpoints. */
import { dataWarnings } from '../dataset/data-warnings';
import type { Dataset, Normalization } from '../dataset/dataset';
import { requireSecondOpinion } from '../firmware/second-opinion';
import { outputSize, outputTensors } from '../graph/graph';
import { scoringGraph } from '../graph/scores';
import { graphOp } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import { encodedPlan } from '../plan/encoded-plan';
import { evaluateInThreads } from '../quant/evaluate-in-threads';
import { scoringModel } from '../quant/scores';
import type { Measurement } from '../tasks/measurement';
import type { TaskDetails } from '../tasks/details';
import { taskOf, type TaskKind } from '../tasks/tasks';
import { defined } from '../util/defined';
import type { RunJob, RunResult } from './actions';
import { chooseExamples, drawExamples } from './choose-examples';
import { asIsModel } from './encode-untrained';
import type { RunEvent } from './events';
import type { ModelInfo } from './model-file';
import type { JobPlan } from './plan-job';
import { withProposals } from './with-proposals';
import { AS_IS_METHOD, weightsIn } from '../report/report';

/** What reports of such a run name as what trained it. */
const TRAINED_WITH = 'the codes of the file, untouched';

/** Inputs come as real numbers in the units of the file, and nothing is known of what they were made from. */
const UNTOUCHED: Normalization = { kind: 'float', mean: [0], std: [1] };

export async function runAsIs(
  { config, folder }: RunJob,
  plan: JobPlan,
  dataset: Dataset | undefined,
  tell: (event: RunEvent) => void,
): Promise<RunResult> {
  const model = asIsModel(plan.model);
  const { encoded } = plan;
  if (encoded === undefined) throw new Error('The plan has not encoded the network of the file.');
  tell({
    type: 'started',
    time: now(),
    step: 0,
    totalSteps: 0,
    trainedWith: TRAINED_WITH,
    pid: process.pid,
  });
  requireSecondOpinion(encoded);
  const measured: Measurement[] = [];
  const labelled = dataset?.unlabelled === true ? undefined : dataset;
  let baseline: number | undefined;
  let details: TaskDetails | undefined;
  if (labelled !== undefined) {
    const { test, normalization, facts, outputNames } = labelled;
    const { value, answers } = await evaluateInThreads(
      scoringModel(model),
      labelled.task,
      test,
      normalization,
      {
        ...defined({ facts }),
      },
    );
    const task = taskOf(labelled.task, facts);
    measured.push({ metric: task.metric.name, stage: 'fitted', value });
    baseline = task.baseline(test.targets, outputNames.length);
    details = task.details?.(answers, test.targets, outputNames);
  }
  const { seed } = config.training;
  folder.saveModel(encoded, labelled ?? describe(plan, dataset?.normalization));
  folder.saveExamples(
    dataset === undefined ? drawExamples(model, seed) : chooseExamples(dataset, model),
  );
  const report = withProposals(config, plan, {
    config: { ...config, east: { ...config.east, method: 'dense' } },
    method: AS_IS_METHOD,
    run: folder.id,
    trainedWith: TRAINED_WITH,
    encoded,
    plan: encodedPlan(encoded, plan.memory),
    code: plan.flash.code,
    blobBudget: plan.flash.blobBudget,
    measured,
    testExamples: labelled?.test.count ?? 0,
    ...defined({ baseline, details, warnings: labelled && dataWarnings(labelled) }),
  });
  folder.saveReport(report);
  tell({ type: 'finished', time: now(), step: 0, ...weightsIn(report) });
  return { status: 'finished', report };
}

/** Without labels it is known that outputs are classes where the network ends in a softmax or the largest of them, or the config says so. */
function describe({ model }: JobPlan, normalization = UNTOUCHED): ModelInfo {
  const { file } = model;
  const graph = scoringGraph(model.graph);
  const chosen = graph !== model.graph;
  const names = file?.classNames;
  const size = outputSize(graph);
  const last = graph.layers.find(({ name }) => name === outputTensors(graph)[0]);
  const scores =
    last !== undefined &&
    (chosen || graphOp(last.kind).puts === 'probability') &&
    elements(last.outputShape) > 1;
  const single = outputTensors(graph).length === 1;
  const task: TaskKind = scores && single ? 'classification' : 'imitation';
  const word = task === 'classification' ? 'class' : 'output';
  return {
    normalization,
    task,
    outputNames:
      names?.length === size ? names : Array.from({ length: size }, (_, i) => `${word}${i}`),
  };
}

function now(): string {
  return new Date().toISOString();
}
