import type { QuantizedModel } from '../quant/model';
import type { StoredTile } from '../codecs/coding';
import type { WeightFormat } from '../formats/formats';
import { weightsPerByte } from '../formats/packing';

/**
 * How a layer's weights become bytes. Storage order is the only order; other ones would be further values here, and
 * everything that handles weights goes through this type.
 */
export interface WeightRepresentation {
  /** Of a packed weight: 8, 4, 2, 1, or 1.6 for ternary. */
  readonly bits: number;
  readonly packing: WeightFormat;
  readonly order: 'storage';
}

export function representation(format: WeightFormat): WeightRepresentation {
  return { bits: 8 / weightsPerByte(format), packing: format, order: 'storage' };
}

/** A run of a layer's weights, a whole number of output channels, that is decoded into RAM at once. */
export interface Tile extends StoredTile {
  readonly firstChannel: number;
  readonly channels: number;
  /** How many it holds, and bytes once decoded. */
  readonly weights: number;
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

/** The format of each layer's weights, by layer name. */
export type LayerFormats = Readonly<Record<string, WeightFormat>>;

export function formatsOf({ layers }: Pick<EncodedModel, 'layers'>): LayerFormats {
  return Object.fromEntries(layers.map((layer) => [layer.name, layer.representation.packing]));
}

/**
 * Where everything lies in RAM, known from the graph alone, before training. Bytes. One arena of `ramBytes` holds it
 * all; a layer's scratch and decode buffer lie in a gap between the activations in use.
 * `activationBytes`, `scratchBytes` and `decodeBytes` are their shares where the sum is largest; they sum to ramBytes.
 */
export interface MemoryPlan {
  /** Offset of each tensor (input and layer outputs, by name) inside the arena. In-place tensors share one. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Offsets inside the arena of what a layer needs only while it runs, by layer name. */
  readonly temporaries: Readonly<
    Record<string, { readonly scratch: number; readonly decode: number }>
  >;
  /** Activations in use at the peak, with gaps that could not be avoided. */
  readonly activationBytes: number;
  /** Kernel scratch (im2col columns and the like) of the peak layer. */
  readonly scratchBytes: number;
  /** Largest tile of the peak layer, decoded; plain int8 tiles need none, but the plan provides for all being encoded. */
  readonly decodeBytes: number;
  /** The arena: what counts against budget.ram. */
  readonly ramBytes: number;
  /** Output channels of each tile, by weighted layer's name; sums to the layer's channels, all equal but the last. */
  readonly tileChannels: Readonly<Record<string, readonly number[]>>;
}
