/** What the parts of the training loop share, made at its start: the state, the network and the order of the steps. */
import type { Batch, Dataset } from '../../dataset/dataset';
import { normalized } from '../../dataset/normalization';
import type { TensorQuantization } from '../../quant/model';
import { inputQuantization } from '../../quant/quantization';
import type { Task } from '../../tasks/task';
import { taskOf } from '../../tasks/tasks';
import type { LossSettings } from '../../tasks/train-task';
import { defined, ifDefined } from '../../util/defined';
import { createOptimizer } from '../pass/optimizer';
import { initialParameters } from '../pass/parameters';
import { tensorQuantizations, type Ranges } from '../pass/ranges';
import { sharedConstants } from '../pass/shared-arrays';
import { teacherOutputs } from '../imported/teacher';
import { Network } from '../shards/network';
import { soloTeam } from '../shards/team';
import { computingOf, requireSameComputing, type Computing } from './computing';
import { Phases } from './phases';
import type { TrainingSetup } from './setup';
import { restoreParameters, restoreSnapshot, type TrainingState } from './training-state';

export interface LoopContext {
  readonly setup: TrainingSetup;
  readonly phases: Phases;
  readonly state: TrainingState;
  readonly network: Network;
  readonly computing: Computing;
  readonly inputTensor: TensorQuantization;
  readonly task: Task;
  /** What is measured while training, on batches and the validation set: the task's own, unless that needs the test set. */
  readonly choosing: Pick<Task, 'metric' | 'measure'>;
  readonly loss: LossSettings;
  /** What the loss compares outputs with. */
  readonly lossTargets: (batch: Batch) => Promise<Float32Array>;
}

/** At step 0, or where the snapshot stands. @throws UserError as requireSameComputing and restoreSnapshot do. */
export function beginLoop(setup: TrainingSetup): LoopContext {
  const { config, graph, engine } = setup;
  const parameters = initialParameters(graph, config.training.seed);
  const state: TrainingState = {
    step: 0,
    parameters,
    optimizer: createOptimizer(config.training),
    ranges: new Map(),
    lambda: undefined,
    plans: undefined,
    measured: [],
    formatsChosen: false,
    best: undefined,
  };
  const team = setup.team ?? soloTeam(engine, graph);
  const computing = computingOf(engine, team);
  if (setup.initialWeights) restoreParameters(setup.initialWeights, parameters);
  if (setup.snapshot) {
    requireSameComputing(setup.snapshot, computing);
    restoreSnapshot(setup.snapshot, state, setup.formats);
  }
  const task = taskOf(setup.dataset.task, setup.dataset.facts);
  return {
    setup,
    phases: new Phases(config, setup.batches.stepsPerEpoch),
    state,
    network: new Network(team, graph, parameters, ifDefined(setup.constants, sharedConstants)),
    computing,
    inputTensor: inputTensorOf(setup.dataset),
    task,
    choosing: task.choosing ?? task,
    loss: {
      task: setup.dataset.task,
      ...defined({ facts: setup.dataset.facts }),
      labelSmoothing: config.training.labelSmoothing,
      ...defined({ classWeights: setup.dataset.classWeights }),
      ...(setup.teacher ? { distill: true } : {}),
    },
    lossTargets: setup.teacher
      ? teacherOutputs(team, setup.teacher)
      : (batch) => Promise.resolve(batch.y),
  };
}

/** Of every tensor, by the ranges observed so far or those given. */
export function quantizations(
  { setup, state, inputTensor }: LoopContext,
  ranges: Ranges = state.ranges,
): Record<string, TensorQuantization> {
  return tensorQuantizations(setup.graph, ranges, inputTensor);
}

/** Images need no range; float data are quantised over the range of the normalised training set. */
export function inputTensorOf({ normalization, train }: Dataset): TensorQuantization {
  if (normalization.kind === 'uint8') return inputQuantization(normalization);
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < train.data.length; i++) {
    const x = normalized(normalization, train.data[i]!, i);
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return inputQuantization(normalization, min, max);
}
