/** From quantised weights to the bytes in flash: each tile packed, as an LZ4 block or raw where LZ4 does not pay. */
import type { WeightedLayer } from '../ops/graph-ops';
import { weightCount, weightedLayers } from '../graph/graph';
import type { Encoder } from '../codecs/lz4/encode';
import { encodeBlock } from '../codecs/lz4/encode';
import type { QuantizedModel } from '../quant/model';
import type { WeightFormat } from '../formats/packing';
import { packWeights } from '../formats/packing';
import { UserError } from '../util/errors';
import { writeBlob } from './blob';
import type { EncodedLayer, EncodedModel, LayerFormats, MemoryPlan, Tile } from './encoded-model';
import { representation } from './encoded-model';

/**
 * `plan` must be that of the model's graph. `formats`: layers without one are int8. Throws Error where a weight has a
 * code that its layer's format has not.
 */
export function encodeModel(
  model: QuantizedModel,
  plan: MemoryPlan,
  formats: LayerFormats = {},
  encoder?: Encoder,
): EncodedModel {
  const layers = weightedLayers(model.graph).map((layer): EncodedLayer => {
    const weights = model.layers[layer.name]?.weights;
    if (weights === undefined) throw new UserError(`Layer '${layer.name}' has no weights.`);
    const format = formats[layer.name] ?? 'int8';
    return {
      name: layer.name,
      representation: representation(format),
      tiles: encodeTiles(layer, weights, plan, format, encoder),
    };
  });
  return { model, layers, blob: writeBlob(layers) };
}

/** Decoded bytes of each tile of a layer; they sum to its weights. */
export function tileBytes(layer: WeightedLayer, plan: MemoryPlan): number[] {
  const channels = plan.tileChannels[layer.name];
  const total = layer.outputShape[2];
  if (channels === undefined || channels.reduce((sum, n) => sum + n, 0) !== total) {
    throw new Error(`The memory plan does not cut layer '${layer.name}' into ${total} channels.`);
  }
  const channelBytes = weightCount(layer) / total;
  return channels.map((n) => n * channelBytes);
}

function encodeTiles(
  layer: WeightedLayer,
  weights: Int8Array,
  plan: MemoryPlan,
  format: WeightFormat,
  encoder: Encoder | undefined,
): Tile[] {
  const channels = plan.tileChannels[layer.name] ?? [];
  let firstChannel = 0;
  let offset = 0;
  return tileBytes(layer, plan).map((rawBytes, i): Tile => {
    const packed = packWeights(weights.subarray(offset, offset + rawBytes), format);
    const block = encodeBlock(packed, encoder);
    const shrinks = block.length < packed.length;
    const tile: Tile = {
      firstChannel,
      channels: channels[i]!,
      rawBytes,
      storage: shrinks ? 'lz4' : 'raw',
      stored: shrinks ? block : packed,
    };
    firstChannel += tile.channels;
    offset += rawBytes;
    return tile;
  });
}
