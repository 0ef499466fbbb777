/** A layer's weights as they lie in flash, for the dashboard's weight map: sequences and literals, not pixels. */
import type { EncodedModel } from '../../core/firmware/encoded-model';
import { readSequences } from '../../core/codecs/lz4/sequences';
import { UserError } from '../../core/util/errors';
import { packedBytes, unpackWeights, weightsPerByte } from '../../core/formats/packing';
import type { WeightTile } from '../../protocol/dashboard';

export interface LayerWeights {
  readonly codes: Int8Array<ArrayBuffer>;
  readonly tiles: WeightTile[];
}

/** Throws UserError where the model has no such layer or a block of it is damaged. */
export function layerWeights(model: Pick<EncodedModel, 'layers'>, layerName: string): LayerWeights {
  const layer = model.layers.find(({ name }) => name === layerName);
  if (layer === undefined) throw new UserError(`the model has no layer ${layerName}`);
  const { packing } = layer.representation;
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  return {
    codes: unpackWeights(everyByte, 256 * weightsPerByte(packing), packing),
    tiles: layer.tiles.map(({ firstChannel, channels, rawBytes: weights, storage, stored }) => {
      const bytes = packedBytes(weights, packing);
      return {
        firstChannel,
        channels,
        weights,
        packedBytes: bytes,
        storage,
        storedBytes: stored.length,
        ...(storage === 'lz4'
          ? readSequences(stored, bytes)
          : { sequences: Uint32Array.of(bytes, 0, 0), literals: stored.slice() }),
      };
    }),
  };
}
