/**
 * The contract of a format's fit: how float weights become codes and scales, as training rounds them at every step. It
 * depends on the weights alone, so that a resumed run ends in the same bytes.
 */

/** A layer's live weights, and where the weights of a channel lie among them. */
export interface LayerWeights {
  /** Storage order, pruned weights included. */
  readonly weights: Float32Array;
  /** 1 keeps, 0 prunes. */
  readonly mask: Uint8Array;
  readonly order: ChannelOrder;
  /** Sign by which deployment multiplies a channel's codes: batch norm's gamma, folded, may be negative. */
  sign(channel: number): 1 | -1;
}

/** Weight k of channel c is at index c · channelStep + k · weightStep. */
export interface ChannelOrder {
  readonly channels: number;
  readonly perChannel: number;
  readonly channelStep: number;
  readonly weightStep: number;
}

/** Symmetric codes of a layer's weights: weight = code · scale of its channel. */
export interface QuantizedWeights {
  /** Storage order, pruned weights not zeroed. */
  readonly values: Int8Array;
  /** By output channel. */
  readonly scales: Float64Array;
}

export interface FormatFit {
  /** Whether each channel is fitted by itself, so that threads can share a layer's channels. */
  readonly byChannel: boolean;
  /** Whether there are so many levels that a weight is as good as what its code says. */
  readonly fine: boolean;
  /** Channels `first` … `end − 1`; what comes out for the others says nothing. */
  fit(weights: LayerWeights, first: number, end: number): QuantizedWeights;
}
