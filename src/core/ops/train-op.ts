/**
 * What TensorFlow.js computes of a kind of layer in training. One file `<kind>/train.ts` each, all of them in the table of
 * train-ops.ts; neither the editor nor the firmware loads them.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
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
}

export type TrainOp<L extends LayerBase> = PlainTrainOp<L> | WeightedTrainOp<L>;
