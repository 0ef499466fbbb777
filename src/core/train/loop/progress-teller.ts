/** Puts what the loop does into progress events: steps at most so often, with averages over the recent ones. */
import type { Stage } from '../../tasks/measurement';
import type { LoopContext } from './context';
import type { StepPlan } from './phases';
import type { TrainProgress } from './progress';
import { elapsedMs } from '../../util/clock';

const INTERVAL_MS = 500;
/** Steps of the float phase that are told whatever the time. */
const MARKS = 10;
/** Share of the old value when an average takes in a new step. */
const DECAY = 0.95;

type Evaluation = Extract<TrainProgress, { type: 'evaluation' }>;

export interface StepDone {
  readonly plan: StepPlan;
  readonly loss: number;
  /** Examples of the batch, and the metric over them. */
  readonly examples: number;
  readonly value: number;
  readonly seconds: number;
}

export class ProgressTeller {
  private toldAt = -Infinity;
  private secondsPerStep: number | undefined;
  /** The metric over recent training batches. */
  private recent: number | undefined;

  constructor(private readonly loop: LoopContext) {}

  /** After the step is counted in the state. */
  step({ plan, loss, examples, value, seconds }: StepDone): void {
    this.secondsPerStep = average(this.secondsPerStep, seconds);
    this.recent = average(this.recent, value);
    const { setup, state, phases, choosing } = this.loop;
    const { step } = state;
    const last = step === phases.totalSteps || step === phases.floatSteps;
    // However quick a run is, its log says how the loss went.
    const mark = step % Math.ceil(phases.floatSteps / MARKS) === 0 && step < phases.floatSteps;
    // A clock that is never set: with the system's one, progress would pause when that is set back.
    if (!last && !mark && elapsedMs() - this.toldAt < INTERVAL_MS) return;
    this.toldAt = elapsedMs();
    setup.onProgress({
      type: 'step',
      step,
      totalSteps: phases.totalSteps,
      epoch: plan.epoch + 1,
      totalEpochs: phases.totalEpochs,
      phase: plan.phase,
      loss,
      metric: choosing.metric.name,
      value: this.recent,
      learningRate: plan.rate,
      imagesPerSecond: examples / this.secondsPerStep,
      secondsLeft: this.secondsPerStep * (phases.totalSteps - step),
    });
  }

  measured(stage: Stage, set: Evaluation['set'], value: number): void {
    const { setup, state, phases, task, choosing } = this.loop;
    setup.onProgress({
      type: 'evaluation',
      step: state.step,
      epoch: Math.floor(state.step / phases.stepsPerEpoch),
      metric: (set === 'test' ? task : choosing).metric.name,
      stage,
      set,
      value,
      examples: setup.dataset[set].count,
    });
  }
}

function average(before: number | undefined, value: number): number {
  return before === undefined ? value : DECAY * before + (1 - DECAY) * value;
}
