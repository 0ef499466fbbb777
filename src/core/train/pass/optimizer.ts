import type { TrainingConfig } from '../../config/config';
import { inSharedMemory, sharedFloats } from './shared-arrays';

export type OptimizerConfig = Pick<TrainingConfig, 'optimizer' | 'momentum' | 'weightDecay'>;

/**
 * First-order optimisers on plain arrays, so that one step gives the same bits on every engine that gives the same
 * gradients, and their state goes into a checkpoint as it is. Each value is updated on its own, so threads that share
 * values and state can each update a part (shards/).
 */
export interface Optimizer {
  readonly config: OptimizerConfig;
  /** Makes the state that an array of `length` values needs, where there is none yet, in memory that threads can share. */
  reserve(key: string, length: number): void;
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
    start?: number,
  ): void;
  /** Call once before the updates of a step (1-based step number since the optimiser started). */
  beginStep(step: number): void;
  /** State by key, live arrays. */
  readonly state: Map<string, Float32Array>;
}

export function createOptimizer({ optimizer, momentum, weightDecay }: OptimizerConfig): Optimizer {
  // Without what else the caller's configuration holds: this one is sent to threads.
  const config: OptimizerConfig = { optimizer, momentum, weightDecay };
  return optimizer === 'adam' ? new Adam(config) : new Sgd(config);
}

function slot(state: Map<string, Float32Array>, key: string, length: number): Float32Array {
  const found = state.get(key);
  const array = found ? inSharedMemory(found) : sharedFloats(length);
  if (array !== found) state.set(key, array);
  return array;
}

/** SGD with Nesterov momentum (Sutskever et al. 2013, as PyTorch states it) and L2 weight decay. */
class Sgd implements Optimizer {
  readonly state = new Map<string, Float32Array>();
  constructor(readonly config: OptimizerConfig) {}

  beginStep(): void {
    // Nothing in SGD depends on the step number.
  }

  reserve(key: string, length: number): void {
    this.slots(key, length);
  }

  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
    start = 0,
  ): void {
    const velocity = this.slots(key, values.length);
    const lambda = decay ? this.config.weightDecay : 0;
    const mu = this.config.momentum;
    for (let k = 0, i = start; k < gradient.length; k++, i++) {
      const g = gradient[k]! + lambda * values[i]!;
      const v = mu * velocity[i]! + g;
      velocity[i] = v;
      values[i] = values[i]! - rate * (g + mu * v);
    }
  }

  private slots(key: string, length: number): Float32Array {
    return slot(this.state, `${key}.velocity`, length);
  }
}

/** Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019). */
class Adam implements Optimizer {
  readonly state = new Map<string, Float32Array>();
  private correction1 = 1;
  private correction2 = 1;
  private static readonly beta1 = 0.9;
  private static readonly beta2 = 0.999;
  private static readonly epsilon = 1e-7;
  constructor(readonly config: OptimizerConfig) {}

  beginStep(step: number): void {
    this.correction1 = 1 - Math.pow(Adam.beta1, step);
    this.correction2 = 1 - Math.pow(Adam.beta2, step);
  }

  reserve(key: string, length: number): void {
    this.slots(key, length);
  }

  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
    start = 0,
  ): void {
    const [first, second] = this.slots(key, values.length);
    const shrink = decay ? 1 - rate * this.config.weightDecay : 1;
    const stepSize = rate / this.correction1;
    const root2 = Math.sqrt(this.correction2);
    for (let k = 0, i = start; k < gradient.length; k++, i++) {
      const g = gradient[k]!;
      const m = Adam.beta1 * first[i]! + (1 - Adam.beta1) * g;
      const v = Adam.beta2 * second[i]! + (1 - Adam.beta2) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] = values[i]! * shrink - (stepSize * m) / (Math.sqrt(v) / root2 + Adam.epsilon);
    }
  }

  private slots(key: string, length: number): [first: Float32Array, second: Float32Array] {
    return [slot(this.state, `${key}.first`, length), slot(this.state, `${key}.second`, length)];
  }
}
