/**
 * What the chip computes of a kind of layer, byte for byte: by the rules of TFLite's reference kernels, in plain loops
 * that are slow on purpose. One file `<kind>/execute.ts` each, all of them in the table of execute-ops.ts.
 */
import type { QuantizedModel, TensorQuantization } from '../quant/model';
import type { LayerBase } from './layer';
import type { Shape } from './shape';
import type { Window } from './window';

/** Codes of all the tensors that a layer reads, H·W·C, in the order of its `inputs` → its output's. */
export type Step = (inputs: readonly Int8Array[]) => Int8Array;

/** A layer whose outputs are sums of products under a window, for who has a fast way to add them up. */
export interface WindowSums {
  /** As the window sees it. */
  readonly inputShape: Shape;
  readonly window: Window;
  /**
   * Into which the channels fall, the input's and the output's: an output channel adds up the input channels of its own
   * group, all of them where there is one.
   */
  readonly groups: number;
  /** Which dimension of the weights is the output channel (graph-op.ts). */
  readonly channel: 'first' | 'last';
}

/** How the sums of one part of each channel's weights are scaled. */
export interface SumScale {
  /** Of what the weights are multiplied with. */
  readonly input: TensorQuantization;
  /** The largest that is, in steps; absent: that of any int8 code. */
  readonly reach?: number;
  /** What a step of the scaled sum is worth. */
  readonly output: number;
  /** Whether the factor is computed in float32, as some of TFLite's kernels do; else in double. */
  readonly float32?: boolean;
}

export interface ExecuteOp<L extends LayerBase> {
  /**
   * The output's quantisation: chosen by what is observed of it, that of the (first) input, one that follows from the layer's
   * sizes (`fixed`), or always the same.
   */
  readonly quantization: 'own' | 'input' | 'fixed' | TensorQuantization;
  fixed?(layer: L): TensorQuantization;
  /** Reads the layer's constants from `model`. What comes out may be an input itself, unchanged. */
  run(layer: L, model: QuantizedModel, inputs: readonly Int8Array[]): Int8Array;
  /** Throws UserError where the quantisation of its tensors is none that `run` could compute with. */
  check?(layer: L, model: QuantizedModel): void;
  /** The same as `run`, fast; what it gives is overwritten by its next call. One of the two, where either is worth it. */
  fast?(layer: L, model: QuantizedModel): Step;
  sums?(layer: L): WindowSums;
  /** Of layers with weights: one for each part that a channel's weights have; absent: from the input to the output. */
  scales?(layer: L, tensors: QuantizedModel['tensors']): readonly SumScale[];
}
