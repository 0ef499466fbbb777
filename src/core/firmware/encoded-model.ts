import type { QuantizedModel } from '../quant/model';
import { holdsPacked, isPlain, type StoredTile } from '../codecs/coding';
import type { PossibleFormats, WeightFormat } from '../formats/formats';
import { packedBytes, weightsPerByte } from '../formats/packing';
import { emitOp } from '../ops/emit-ops';
import type { Layer } from '../ops/graph-ops';

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
 * Whether the firmware leaves a layer's weights packed: its kernel takes packed codes, and all tiles are stored as such.
 */
export function keepsPacked(layer: Layer, { representation, tiles }: EncodedLayer): boolean {
  return (
    representation.packing !== 'int8' &&
    emitOp(layer).kernelFor?.(representation.packing, []) !== undefined &&
    tiles.every(holdsPacked)
  );
}

/**
 * Bytes of the buffer that a layer's largest decoded tile needs, by layer name: 0 where all tiles are stored as they are
 * and the kernel reads them where they lie in flash.
 */
export function decodeBuffers({
  model,
  layers,
}: Pick<EncodedModel, 'model' | 'layers'>): Record<string, number> {
  return Object.fromEntries(
    model.graph.layers.flatMap((layer) => {
      const encoded = layers.find(({ name }) => name === layer.name);
      if (encoded === undefined) return [];
      const { packing } = encoded.representation;
      const packed = packing === 'int8' || keepsPacked(layer, encoded);
      const buffers = encoded.tiles.map((tile) => {
        if (!packed) return tile.weights;
        return isPlain(tile) ? 0 : packedBytes(tile.weights, packing);
      });
      return [[layer.name, Math.max(...buffers)]];
    }),
  );
}

/** The format of each layer's weights, by layer name. */
export type LayerFormats = Readonly<Record<string, WeightFormat>>;

export function formatsOf({ layers }: Pick<EncodedModel, 'layers'>): LayerFormats {
  return Object.fromEntries(layers.map((layer) => [layer.name, layer.representation.packing]));
}

/** The same as what the layers may have: nothing else any more. */
export function chosenFormats(encoded: Pick<EncodedModel, 'layers'>): PossibleFormats {
  return Object.fromEntries(
    Object.entries(formatsOf(encoded)).map(([name, format]) => [name, [format]]),
  );
}
