import type { TrainingConfig } from '../config/config';

/**
 * First-order optimisers on plain arrays, so that one step gives the same bits on every engine that gives the same
 * gradients, and their state goes into a checkpoint as it is.
 */
export interface Optimizer {
  /** Updates `values` in place. `decay` says whether weight decay applies to this array. */
  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
  ): void;
  /** Call once before the updates of a step (1-based step number since the optimiser started). */
  beginStep(step: number): void;
  /** State by key, live arrays. */
  readonly state: Map<string, Float32Array>;
}

export function createOptimizer(
  config: Pick<TrainingConfig, 'optimizer' | 'momentum' | 'weightDecay'>,
): Optimizer {
  return config.optimizer === 'adam'
    ? new Adam(config.weightDecay)
    : new Sgd(config.momentum, config.weightDecay);
}

function slot(state: Map<string, Float32Array>, key: string, length: number): Float32Array {
  let array = state.get(key);
  if (!array) {
    array = new Float32Array(length);
    state.set(key, array);
  }
  return array;
}

/** SGD with Nesterov momentum (Sutskever et al. 2013, as PyTorch states it) and L2 weight decay. */
class Sgd implements Optimizer {
  readonly state = new Map<string, Float32Array>();
  constructor(
    private readonly momentum: number,
    private readonly weightDecay: number,
  ) {}

  beginStep(): void {
    // Nothing in SGD depends on the step number.
  }

  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
  ): void {
    const velocity = slot(this.state, `${key}.velocity`, values.length);
    const lambda = decay ? this.weightDecay : 0;
    const mu = this.momentum;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]! + lambda * values[i]!;
      const v = mu * velocity[i]! + g;
      velocity[i] = v;
      values[i] = values[i]! - rate * (g + mu * v);
    }
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
  constructor(private readonly weightDecay: number) {}

  beginStep(step: number): void {
    this.correction1 = 1 - Math.pow(Adam.beta1, step);
    this.correction2 = 1 - Math.pow(Adam.beta2, step);
  }

  update(
    key: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    decay: boolean,
  ): void {
    const first = slot(this.state, `${key}.first`, values.length);
    const second = slot(this.state, `${key}.second`, values.length);
    const shrink = decay ? 1 - rate * this.weightDecay : 1;
    const stepSize = rate / this.correction1;
    const root2 = Math.sqrt(this.correction2);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]!;
      const m = Adam.beta1 * first[i]! + (1 - Adam.beta1) * g;
      const v = Adam.beta2 * second[i]! + (1 - Adam.beta2) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] = values[i]! * shrink - (stepSize * m) / (Math.sqrt(v) / root2 + Adam.epsilon);
    }
  }
}
