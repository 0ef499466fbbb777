/** What layers of every kind have; the rest is in the graph facet of each kind. */
import type { Activation, Shape } from './shape';

export interface LayerBase {
  readonly kind: string;
  /** Unique, a C identifier (letters, digits, underscore), lower case. */
  readonly name: string;
  /** Names of earlier layers, or `input` for the network's input. */
  readonly inputs: readonly string[];
  /** Shape of the first input and of the output, filled by shape inference. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
}

/** Layers with weights: one scale, bias and multiplier for each channel of the output. */
export interface WeightedBase extends LayerBase {
  /** Trained with batch norm, which is folded into weights and bias for deployment. */
  readonly batchNorm: boolean;
  readonly activation: Activation;
  /**
   * How often a sum is rounded on its way to a code: once, as TFLite's FULLY_CONNECTED does, in layers whose codes come from
   * such a file; absent: twice, once after the product and once after the shift. No config says it.
   */
  readonly rounding?: 'once';
}

/** A layer of the config as the user wrote it: what each type of layer has besides is in its graph facet. */
export interface ConfigBase {
  readonly type: string;
  readonly name?: string;
  /** Names of the layers it reads; default the one before. */
  readonly inputs?: readonly string[];
}
