/** From quantised weights to the bytes in flash: each tile by its layer's codec, or as it is where that does not pay. */
import type { WeightedLayer } from '../ops/graph-ops';
import { weightCount, weightedLayers } from '../graph/graph';
import type { LayerCoding, LayerCodings } from '../codecs/coding';
import { CODECS, type Codecs } from '../codecs/codecs';
import { encodeTile, layerCoding, symbolsOf } from '../codecs/coding';
import type { QuantizedModel } from '../quant/model';
import { UserError } from '../util/errors';
import { codingBytes, writeBlob } from './blob';
import type { EncodedLayer, EncodedModel, Tile } from './encoded-model';
import type { MemoryPlan } from './memory-plan';
import { representation } from './encoded-model';

/**
 * `plan` must be that of the model's graph. `codings`: layers without one are int8, by the usual codec. Throws Error where a
 * weight has a code that its layer's format has not.
 */
export function encodeModel(
  model: QuantizedModel,
  plan: MemoryPlan,
  codings: LayerCodings = {},
  codecs: Codecs = CODECS,
): EncodedModel {
  const layers = weightedLayers(model.graph).map((layer): EncodedLayer => {
    const weights = model.layers[layer.name]?.weights;
    const coding = codings[layer.name] ?? layerCoding('int8');
    if (weights === undefined) throw new UserError(`Layer '${layer.name}' has no weights.`);
    return {
      name: layer.name,
      representation: representation(coding.format),
      tiles: smallestTiles(layer, weights, plan, coding),
    };
  });
  return { model, layers, blob: writeBlob(layers, codecs) };
}

/** With a table that the layer's tiles share, where its codec has one and it saves more than it takes. */
function smallestTiles(
  layer: WeightedLayer,
  weights: Int8Array,
  plan: MemoryPlan,
  coding: LayerCoding,
): Tile[] {
  const tiles = encodeTiles(layer, weights, plan, coding);
  const { codec, options } = coding;
  if (codec.tableFor === undefined || options.table !== undefined) return tiles;
  let offset = 0;
  const coded = tiles.flatMap((tile) => {
    const codes = weights.subarray(offset, (offset += tile.weights));
    return tile.codec === codec.id ? [symbolsOf(coding, codes)] : [];
  });
  const table = codec.tableFor(coded);
  if (table === undefined) return tiles;
  const sharing = encodeTiles(layer, weights, plan, { ...coding, options: { ...options, table } });
  return storedSum(sharing) + codingBytes(table) < storedSum(tiles) ? sharing : tiles;
}

function storedSum(tiles: readonly Tile[]): number {
  return tiles.reduce((sum, { stored }) => sum + stored.length, 0);
}

function encodeTiles(
  layer: WeightedLayer,
  weights: Int8Array,
  plan: MemoryPlan,
  coding: LayerCoding,
): Tile[] {
  const channels = plan.tileChannels[layer.name] ?? [];
  const counts = plan.tileWeights[layer.name] ?? [];
  if (counts.reduce((sum, n) => sum + n, 0) !== weightCount(layer)) {
    throw new Error(`The memory plan does not cut layer '${layer.name}' into tiles.`);
  }
  let firstChannel = 0;
  let offset = 0;
  return counts.map((count, i): Tile => {
    const stored = encodeTile(coding, weights.subarray(offset, offset + count));
    const tile = { firstChannel, channels: channels[i]!, weights: count, ...stored };
    firstChannel += tile.channels;
    offset += count;
    return tile;
  });
}
