import type { QuantizedModel } from '../quant/model';
import { isPlain, type StoredTile } from '../codecs/coding';
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

/**
 * Bytes of the buffer that a layer's largest decoded tile needs, by layer name: 0 where all tiles are int8 and stored
 * as they are, for the kernels read those where they lie in flash.
 */
export function decodeBuffers({ layers }: Pick<EncodedModel, 'layers'>): Record<string, number> {
  return Object.fromEntries(
    layers.map(({ name, representation: { packing }, tiles }) => [
      name,
      Math.max(0, ...tiles.map((tile) => (packing === 'int8' && isPlain(tile) ? 0 : tile.weights))),
    ]),
  );
}

/** The format of each layer's weights, by layer name. */
export type LayerFormats = Readonly<Record<string, WeightFormat>>;

export function formatsOf({ layers }: Pick<EncodedModel, 'layers'>): LayerFormats {
  return Object.fromEntries(layers.map((layer) => [layer.name, layer.representation.packing]));
}
