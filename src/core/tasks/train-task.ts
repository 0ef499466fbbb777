/** What training needs of a task: its loss. Stands on the floor of train/, whose kernels it is made of. */
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../train/kernels/tf';
import type { TaskFacts } from './facts';
import type { TaskKind } from './tasks';

/** Crosses between threads. */
export interface LossSettings {
  readonly task: TaskKind;
  readonly facts?: TaskFacts;
  /** training.labelSmoothing, for tasks that have labels. */
  readonly labelSmoothing: number;
  /** How much an example of each class counts, 1 on average over the training set; undefined: all the same. */
  readonly classWeights?: readonly number[];
  /** Whether targets are what another network puts out, [examples, outputs], and that is to be imitated. */
  readonly distill?: boolean;
}

export interface LossTensors {
  /** What the network was given: [examples, height, width, channels], normalised. */
  readonly inputs?: Tensor;
  /** [examples, outputs] float32, without a final softmax. */
  readonly outputs: Tensor2D;
  /** [examples, numbers of a target] float32; where the loss is `imitation`, [examples, outputs]. */
  readonly targets: Tensor2D;
}

export interface TrainTask {
  /** Mean over the examples; differentiable in the outputs. */
  readonly loss: (tf: Tf, tensors: LossTensors, settings: LossSettings) => Scalar;
  /** How far the outputs are from another network's, which are the targets: 0 where they say the same. Differentiable likewise. */
  readonly imitation: (tf: Tf, tensors: LossTensors) => Scalar;
}
