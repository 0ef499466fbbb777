import type { QuantizedModel } from '../quant/model';

/**
 * How a layer's weights become bytes. Eight-bit, storage order, is the only kind today; lower widths, other packings
 * and byte orders will be further values here, and everything that handles weights goes through this type.
 */
export interface WeightRepresentation {
  readonly bits: 8;
  readonly packing: 'int8';
  readonly order: 'storage';
}

/** A run of a layer's weights, a whole number of output channels, that is decoded into RAM at once. */
export interface Tile {
  readonly firstChannel: number;
  readonly channels: number;
  /** Bytes once decoded. */
  readonly rawBytes: number;
  /** `raw` tiles are read where they lie in flash. */
  readonly storage: 'raw' | 'lz4';
  /** What lies in flash: an LZ4 block, or the raw bytes. */
  readonly stored: Uint8Array;
}

export interface EncodedLayer {
  readonly name: string;
  readonly representation: WeightRepresentation;
  readonly tiles: readonly Tile[];
}

export interface EncodedModel {
  readonly model: QuantizedModel;
  readonly layers: readonly EncodedLayer[];
  /** Everything above in the blob format of docs/blob-format.md, exactly as it lies in flash. */
  readonly blob: Uint8Array;
}

/**
 * Where everything lies in RAM, known from the graph alone, before training. Bytes. One arena of `ramBytes` holds it
 * all; a layer's scratch and decode buffer lie in a gap between the activations in use (planner.ts, temporaryOffsets).
 * `activationBytes`, `scratchBytes` and `decodeBytes` are their shares where the sum is largest; they sum to ramBytes.
 */
export interface MemoryPlan {
  /** Offset of each tensor (input and layer outputs, by name) inside the arena. In-place tensors share one. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Activations in use at the peak, with gaps that could not be avoided. */
  readonly activationBytes: number;
  /** Kernel scratch (im2col columns and the like) of the peak layer. */
  readonly scratchBytes: number;
  /** Largest tile of the peak layer, decoded; raw tiles need none, but the plan provides for all being LZ4. */
  readonly decodeBytes: number;
  /** The arena: what counts against budget.ram. */
  readonly ramBytes: number;
  /** Output channels of each tile, by weighted layer's name; sums to the layer's channels, all equal but the last. */
  readonly tileChannels: Readonly<Record<string, readonly number[]>>;
}
