/** A layer's weights as they lie in flash, for the dashboard's weight map: sequences and literals, not pixels. */
import type { EncodedModel } from '../../core/firmware/encoded-model';
import { readSequences } from '../../core/lz4/sequences';
import { UserError } from '../../core/util/errors';
import type { WeightTile } from '../../protocol/dashboard';

/** Throws UserError where the model has no such layer or a block of it is damaged. */
export function weightTiles(model: Pick<EncodedModel, 'layers'>, layerName: string): WeightTile[] {
  const layer = model.layers.find(({ name }) => name === layerName);
  if (layer === undefined) throw new UserError(`the model has no layer ${layerName}`);
  return layer.tiles.map(({ firstChannel, channels, rawBytes, storage, stored }) => ({
    firstChannel,
    channels,
    rawBytes,
    storage,
    storedBytes: stored.length,
    ...(storage === 'lz4'
      ? readSequences(stored, rawBytes)
      : { sequences: Uint32Array.of(rawBytes, 0, 0), literals: stored.slice() }),
  }));
}
