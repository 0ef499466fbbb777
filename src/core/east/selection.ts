/** What a choice of masks starts from and what it gives: the contract between the trainer and every pruning method. */
import type { LayerCoding } from '../codecs/coding';
import type { EastPlans } from './layer-plan';

export interface SelectionLayer {
  readonly name: string;
  /**
   * The unpruned weights in storage order, as symbols of the layer's codec: bytes of packed weights, which are kept or
   * zeroed together, or codes of single weights (codecs/codec.ts).
   */
  readonly symbols: Uint8Array;
  /**
   * Share of the layer's energy lost with each symbol, ≥ 0; same order as `symbols`. Method magnitude
   * compares the numbers of all layers, the others look at shares of the layer's sum only.
   */
  readonly saliency: Float32Array;
  /** Symbols of each tile, which is encoded by itself; they sum to symbols.length. */
  readonly tileSymbols: readonly number[];
  /** How the tiles are stored, and so what a zero saves. */
  readonly coding: LayerCoding;
}

export interface Selection {
  /** 1 keeps, 0 prunes; one entry per symbol, by layer in the order given. */
  readonly masks: readonly Uint8Array[];
  /** Bytes of each layer's tiles, really encoded (tile table not included). */
  readonly layerBytes: readonly number[];
  /** Sum of layerBytes; at most the budget. */
  readonly storedBytes: number;
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
  /** The search stops once the stored bytes are within this fraction below the budget; 0.005 by default. */
  readonly tolerance?: number;
}

/**
 * What a method decides: the masks for a multiplier, pruning more as it grows, everything as it goes to infinity.
 * Methods see unpruned weights and nothing of earlier masks, so what was pruned comes back as soon as that pays.
 */
export type MaskChooser = (lambda: number) => Uint8Array[];

/** The same for one layer. */
export type LayerMask = (layer: SelectionLayer, lambda: number) => Uint8Array;

/** Each layer by the same rule. */
export function maskAll(layers: readonly SelectionLayer[], mask: LayerMask): MaskChooser {
  return (lambda) => layers.map((layer) => mask(layer, lambda));
}
