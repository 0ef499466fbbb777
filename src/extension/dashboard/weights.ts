/** A layer's weights for the dashboard's weight map: every code, and how each part of them lies in flash. */
import { decodeTile, symbolCount } from '../../core/codecs/coding';
import { codecOf } from '../../core/codecs/codecs';
import { codeLengthsOf, segmentsOf } from '../../core/codecs/segments';
import type { EncodedModel } from '../../core/firmware/encoded-model';
import { weightOrder, weightedLayers } from '../../core/graph/graph';
import { weightsPerByte } from '../../core/formats/packing';
import { defined } from '../../core/util/defined';
import { UserError } from '../../core/util/errors';
import { SEGMENT_KINDS, type ChannelOrder, type WeightTile } from '../../protocol/dashboard';

export interface LayerWeights {
  readonly codes: Int8Array<ArrayBuffer>;
  readonly weightsPerByte: number;
  readonly tiles: WeightTile[];
}

/** All that a layer's weight map is drawn from. Throws as `layerWeights` does. */
export function weightMapOf(
  encoded: EncodedModel,
  layerName: string,
): LayerWeights & { readonly order: ChannelOrder } {
  const weights = layerWeights(encoded, layerName);
  const layer = weightedLayers(encoded.model.graph).find(({ name }) => name === layerName);
  if (layer === undefined) throw new UserError(`the model has no layer ${layerName}`);
  const { channels, channelStep } = weightOrder(layer);
  return { ...weights, order: { channels, channelStep } };
}

/** Throws UserError where the model has no such layer or a block of it is damaged. */
export function layerWeights(model: Pick<EncodedModel, 'layers'>, layerName: string): LayerWeights {
  const layer = model.layers.find(({ name }) => name === layerName);
  if (layer === undefined) throw new UserError(`the model has no layer ${layerName}`);
  const { packing: format } = layer.representation;
  const codes = new Int8Array(layer.tiles.reduce((sum, { weights }) => sum + weights, 0));
  let start = 0;
  const tiles = layer.tiles.map((tile): WeightTile => {
    const { weights, stored } = tile;
    codes.set(decodeTile(tile, weights, format), start);
    start += weights;
    const coding = { codec: codecOf(tile.codec), format, options: {} };
    const perSymbol = coding.codec.symbols === 'weights' ? 1 : weightsPerByte(format);
    const segments = segmentsOf(tile, symbolCount(coding, weights));
    const triples = new Uint32Array(3 * segments.length);
    let at = 0;
    segments.forEach(({ kind, symbols, offset }, i) => {
      // The last byte of a tile may hold fewer weights than fit.
      const end = Math.min(weights, at + symbols * perSymbol);
      triples.set([SEGMENT_KINDS.indexOf(kind), end - at, offset * perSymbol], 3 * i);
      at = end;
    });
    const bits = codeLengthsOf(tile);
    return { weights, storedBytes: stored.length, segments: triples, ...defined({ bits }) };
  });
  return { codes, weightsPerByte: weightsPerByte(format), tiles };
}
