import type { EastPlans } from './layer-plan';

/** What a choice of masks starts from and what it gives: the contract between the trainer and every pruning method. */
import type { Encoder } from '../codecs/lz4/encode';

export interface SelectionLayer {
  readonly name: string;
  /** Dense (unpruned) int8 weights in storage order, as the firmware would store them. */
  readonly values: Int8Array;
  /**
   * Share of the layer's energy lost with each weight, ≥ 0; same order as `values`. Method magnitude
   * compares the numbers of all layers, the others look at shares of the layer's sum only.
   */
  readonly saliency: Float32Array;
  /** Lengths of the consecutive pieces that are encoded as blocks of their own; they sum to values.length. */
  readonly tileBytes: readonly number[];
  /** What writes those blocks; the optimal one where nothing is said. */
  readonly encoder?: Encoder;
}

export interface Selection {
  /** 1 keeps, 0 prunes; one entry per weight, by layer in the order given. */
  readonly masks: readonly Uint8Array[];
  /** Really encoded bytes of each layer: blocks, or raw where LZ4 does not pay (tile table not included). */
  readonly layerBytes: readonly number[];
  /** Sum of layerBytes; at most the budget. */
  readonly encodedBytes: number;
  /** The Lagrange multiplier (or threshold) found; pass it to the next call to start the search near it. */
  readonly lambda: number;
  /** EAST only, as `lambda`; absent where nothing had to be pruned. */
  readonly plans?: EastPlans;
}

/** What every selecting function accepts besides layers and budget. */
export interface SelectionOptions {
  /** `lambda` of an earlier selection on nearly the same weights: the search starts there and needs fewer steps. */
  readonly lambda?: number;
  /** EAST only: `plans` of that selection. They are made anew where the price of a byte has changed much. */
  readonly plans?: EastPlans;
  /** The search stops once the encoded bytes are within this fraction below the budget; 0.005 by default. */
  readonly tolerance?: number;
}

/**
 * What a method decides: the masks for a multiplier, pruning more as it grows, everything as it goes to infinity.
 * Methods see dense weights and nothing of earlier masks, so a pruned weight comes back as soon as that pays.
 */
export type MaskChooser = (lambda: number) => Uint8Array[];

/** The same for one layer. */
export type LayerMask = (layer: SelectionLayer, lambda: number) => Uint8Array;

/** Each layer by the same rule. */
export function maskAll(layers: readonly SelectionLayer[], mask: LayerMask): MaskChooser {
  return (lambda) => layers.map((layer) => mask(layer, lambda));
}
