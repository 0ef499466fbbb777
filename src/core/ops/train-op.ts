/**
 * What TensorFlow.js computes of a kind of layer in training. One file `<kind>/train.ts` each, all of them in the table of
 * train-ops.ts; neither the editor nor the firmware loads them.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../train/kernels/tf';
import type { LayerBase } from './layer';

/** A layer whose output follows from its inputs. */
export interface PlainTrainOp<L extends LayerBase> {
  /**
   * [N, H, W, C] float32 each, in the order of the layer's `inputs` → [N, H′, W′, C′], not yet rounded to int8.
   *
   * @param constants what the layer owns, [1, H, W, C] each, in the order of `GraphOp.constants`
   */
  forward(tf: Tf, layer: L, inputs: readonly Tensor4D[], constants: readonly Tensor4D[]): Tensor4D;
}

/** A layer with weights: bias, batch norm and activation are the same for all of them and come behind. */
export interface WeightedTrainOp<L extends LayerBase> {
  /** Shape of the weights as TensorFlow.js takes them: in the order of weight-quantization.ts, output channel last. */
  weightShape(layer: L): number[];
  /** x [N, H, W, C] float32 and weights of that shape → the sums of products, [N, H′, W′, C′]. */
  products(tf: Tf, layer: L, x: Tensor4D, weights: Tensor): Tensor4D;
  /** What training begins with for every weight; absent: random ones. */
  readonly initialWeight?: number;
}

/** A layer whose weights meet what it gave at the step before, too: bias and rounding are inside, and there is no batch norm. */
export interface RecurrentTrainOp<L extends LayerBase> {
  /** As above. */
  weightShape(layer: L): number[];
  /**
   * x [N, 1, time, C] float32, weights of that shape and the bias of each sum → the states after all steps,
   * [N, 1, time, C′], not yet rounded; `round` makes of a state what the next step reads.
   */
  states(
    tf: Tf,
    layer: L,
    x: Tensor4D,
    weights: Tensor,
    bias: Tensor1D,
    round: (state: Tensor2D) => Tensor2D,
  ): Tensor4D;
  /** What of the states, rounded, the layer puts out. */
  output(tf: Tf, layer: L, states: Tensor4D): Tensor4D;
  /** What training begins with: weights of this standard deviation, and the biases. */
  initial(layer: L): { readonly deviation: number; readonly bias: Float32Array };
}

export type TrainOp<L extends LayerBase> =
  PlainTrainOp<L> | WeightedTrainOp<L> | RecurrentTrainOp<L>;
