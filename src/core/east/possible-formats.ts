/** From the config's bits to the formats that each layer's weights may have. */
import { codecsSet, suits } from '../codecs/choice';
import type { CodecId } from '../codecs/codecs';
import type { QuantizationConfig } from '../config/config';
import type { Graph } from '../graph/graph';
import { weightCount, weightedLayers } from '../graph/graph';
import {
  formatSet,
  WEIGHT_FORMATS,
  type PossibleFormats,
  type WeightFormat,
} from '../formats/formats';

/**
 * Layers with less than this share of all weights keep 8 bits: there is next to nothing to save, and the first and the
 * last layer of a convolutional network, which lose the most by few levels, are mostly among them.
 */
export const SMALL_LAYER_SHARE = 0.01;

/**
 * One format a layer, except with `auto`, where training chooses among several (east/choose-formats.ts). `pruned`: whether
 * a method makes the weights fit a budget; `codecs`: that may store them, of which one has to suit the format. Where none does, `auto` has nothing to weigh and means int8.
 */
export function possibleFormats(
  graph: Graph,
  { weights }: Pick<QuantizationConfig, 'weights'>,
  pruned: boolean,
  codecs: readonly CodecId[] = codecsSet(),
): PossibleFormats {
  const layers = weightedLayers(graph);
  const all = layers.reduce((sum, layer) => sum + weightCount(layer), 0);
  const open = WEIGHT_FORMATS.filter((format) => codecs.some((codec) => suits(codec, format)));
  const large = weights !== 'auto' ? [formatSet(weights)] : pruned ? open : int8;
  return Object.fromEntries(
    layers.map((layer) => [
      layer.name,
      weightCount(layer) < SMALL_LAYER_SHARE * all ? int8 : large,
    ]),
  );
}

const int8: readonly WeightFormat[] = ['int8'];
