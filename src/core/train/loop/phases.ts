/** Which step of training does what: phase, learning rate, and when masks and ranges are due. Functions of the step. */
import type { ResolvedConfig } from '../../config/config';
import type { Phase } from '../../tasks/phases';
import { budgetAt, learningRate } from './schedules';

/** Steps between two looks at activation ranges in quantisation-aware training; reading them back costs time. */
const RANGE_INTERVAL = 10;

export interface StepPlan {
  readonly phase: Phase;
  /** 0-based; the float phase's steps are counted apart from those after it, as the optimiser is another. */
  readonly phaseStep: number;
  /** 0-based. */
  readonly epoch: number;
  readonly rate: number;
  readonly masksDue: boolean;
  readonly rangesDue: boolean;
}

export class Phases {
  readonly floatSteps: number;
  /** All after the float phase, fine-tuning among them. */
  readonly pruneSteps: number;
  readonly totalSteps: number;
  readonly totalEpochs: number;
  /** Pruning-phase step at which masks are chosen for the last time. */
  private readonly freezeStep: number;

  constructor(
    private readonly config: Pick<ResolvedConfig, 'training' | 'east'>,
    readonly stepsPerEpoch: number,
  ) {
    const { training, east } = config;
    this.floatSteps = training.epochs * stepsPerEpoch;
    this.pruneSteps = training.pruneEpochs * stepsPerEpoch;
    this.totalSteps = this.floatSteps + this.pruneSteps;
    this.totalEpochs = training.epochs + training.pruneEpochs;
    this.freezeStep = Math.max(
      0,
      Math.min(this.pruneSteps - 1, Math.round(this.pruneSteps * east.freeze)),
    );
  }

  /** Of the step that comes after `step` steps. */
  at(step: number): StepPlan {
    const { training, east } = this.config;
    const float = step < this.floatSteps;
    const phaseStep = float ? step : step - this.floatSteps;
    const [peak, steps] = float
      ? [training.learningRate, this.floatSteps]
      : [training.pruneLearningRate, this.pruneSteps];
    const pruning = !float && phaseStep < this.freezeStep;
    return {
      phase: float ? 'float' : pruning ? 'prune' : 'finetune',
      phaseStep,
      epoch: Math.floor(step / this.stepsPerEpoch),
      rate: learningRate(training.schedule, peak, phaseStep, steps),
      masksDue:
        (pruning && phaseStep % east.interval === 0) || (!float && phaseStep === this.freezeStep),
      rangesDue: pruning && phaseStep % RANGE_INTERVAL === 0,
    };
  }

  /** Whether masks are final after so many steps. */
  frozenAfter(step: number): boolean {
    return step - this.floatSteps > this.freezeStep;
  }

  /** Bytes to prune to at a step of the pruning phase, on the way from `dense` down to `budget`. */
  bytesAt(phaseStep: number, dense: number, budget: number): number {
    const t = this.freezeStep === 0 ? 1 : phaseStep / this.freezeStep;
    return Math.floor(budgetAt(dense, Math.min(dense, budget), t));
  }
}
