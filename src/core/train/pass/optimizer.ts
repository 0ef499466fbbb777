import type { TrainingConfig } from '../../config/config';
import { UserError } from '../../util/errors';
import { inSharedMemory, sharedFloats } from './shared-arrays';

export type OptimizerConfig = Pick<TrainingConfig, 'optimizer' | 'momentum' | 'weightDecay'>;

export function createOptimizer({ optimizer, momentum, weightDecay }: OptimizerConfig): Optimizer {
  // Without what else the caller's configuration holds: this one is sent to threads.
  return new Optimizer({ optimizer, momentum, weightDecay });
}

/**
 * First-order optimisers on plain arrays, so that one step gives the same bits on every engine that gives the same
 * gradients, and their state goes into a checkpoint as it is. Each value is updated on its own, so threads that share
 * values and state can each update a part (shards/).
 */
export class Optimizer {
  /** State by key, live arrays. */
  readonly state = new Map<string, Float32Array>();
  private readonly rule: Rule;
  private step = 1;

  constructor(readonly config: OptimizerConfig) {
    this.rule = RULES[config.optimizer];
  }

  /** Makes the state that an array of `length` values needs, where there is none yet, in memory that threads can share. */
  reserve(key: string, length: number): Float32Array[] {
    return this.rule.state.map((name) => {
      const found = this.state.get(`${key}.${name}`);
      if (found !== undefined && found.length !== length) {
        throw new UserError(
          `the checkpoint is of another network: ${key}.${name} has ${found.length} values, the config's network ${length}`,
        );
      }
      const array = found ? inSharedMemory(found) : sharedFloats(length);
      if (array !== found) this.state.set(`${key}.${name}`, array);
      return array;
    });
  }

  /** Call once before the updates of a step (1-based step number since the optimiser started). */
  beginStep(step: number): void {
    this.step = step;
  }

  /**
   * Updates as many of `values` as there are gradients in place, from index `start` on. `decay` says whether weight decay
   * applies to this array.
   */
  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
    start = 0,
  ): void {
    const state = this.reserve(key, values.length);
    const { momentum, weightDecay } = this.config;
    const settings = { rate, momentum, weightDecay: decay ? weightDecay : 0, step: this.step };
    this.rule.update(values, gradient, start, settings, state);
  }
}

interface Rule {
  /** Names of the arrays it keeps beside each array that it updates. */
  readonly state: readonly string[];
  /** `state`: those arrays, as long as `values`. */
  update(
    values: Float32Array,
    gradient: Float32Array,
    start: number,
    settings: Readonly<Record<'rate' | 'momentum' | 'weightDecay' | 'step', number>>,
    state: readonly Float32Array[],
  ): void;
}

/** Adam's decay of the moments, and what keeps its division from zero. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

const RULES: Readonly<Record<OptimizerConfig['optimizer'], Rule>> = {
  /** Nesterov momentum (Sutskever et al. 2013, as PyTorch states it) and L2 weight decay. */
  sgd: {
    state: ['velocity'],
    update(values, gradient, start, { rate, momentum, weightDecay }, state) {
      const velocity = state[0]!;
      for (let k = 0, i = start; k < gradient.length; k++, i++) {
        const g = gradient[k]! + weightDecay * values[i]!;
        const v = momentum * velocity[i]! + g;
        velocity[i] = v;
        values[i] = values[i]! - rate * (g + momentum * v);
      }
    },
  },
  /** Kingma & Ba 2015 with decoupled weight decay (Loshchilov & Hutter 2019). */
  adam: {
    state: ['first', 'second'],
    update(values, gradient, start, { rate, weightDecay, step }, state) {
      const first = state[0]!;
      const second = state[1]!;
      const shrink = 1 - rate * weightDecay;
      const stepSize = rate / (1 - Math.pow(BETA1, step));
      const root2 = Math.sqrt(1 - Math.pow(BETA2, step));
      for (let k = 0, i = start; k < gradient.length; k++, i++) {
        const g = gradient[k]!;
        const m = BETA1 * first[i]! + (1 - BETA1) * g;
        const v = BETA2 * second[i]! + (1 - BETA2) * g * g;
        first[i] = m;
        second[i] = v;
        values[i] = values[i]! * shrink - (stepSize * m) / (Math.sqrt(v) / root2 + EPSILON);
      }
    },
  },
};
