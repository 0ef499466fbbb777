/** What training needs of a task: its loss. Stands on the floor of train/, whose kernels it is made of. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../train/kernels/tf';
import type { TaskKind } from './tasks';

/** Crosses between threads. */
export interface LossSettings {
  readonly task: TaskKind;
  /** training.labelSmoothing, for tasks that have labels. */
  readonly labelSmoothing: number;
}

export interface LossTensors {
  /** [examples, outputs] float32, without a final softmax. */
  readonly outputs: Tensor2D;
  /** [examples, numbers of a target] float32. */
  readonly targets: Tensor2D;
}

export interface TrainTask {
  /** Mean over the examples; differentiable in the outputs. */
  readonly loss: (tf: Tf, tensors: LossTensors, settings: LossSettings) => Scalar;
}
