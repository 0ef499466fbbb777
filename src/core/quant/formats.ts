/** From the config's bits to the format of each layer's weights. */
import type { QuantizationConfig } from '../config/config';
import type { Graph } from '../graph/graph';
import { weightCount, weightedLayers } from '../graph/graph';
import { WEIGHT_FORMATS, type WeightFormat } from './packing';

const FORMATS = { 8: 'int8', 4: 'int4', 2: 'int2', ternary: 'ternary' } as const;
/**
 * Layers with less than this share of all weights keep 8 bits: there is next to nothing to save, and the first and the
 * last layer of a convolutional network, which lose the most by few levels, are mostly among them.
 */
export const SMALL_LAYER_SHARE = 0.01;

/** By layer name. */
export function chooseFormats(
  graph: Graph,
  { weights }: Pick<QuantizationConfig, 'weights'>,
): Record<string, WeightFormat> {
  const layers = weightedLayers(graph);
  const all = layers.reduce((sum, layer) => sum + weightCount(layer), 0);
  return Object.fromEntries(
    layers.map((layer) => [
      layer.name,
      weightCount(layer) < SMALL_LAYER_SHARE * all ? 'int8' : FORMATS[weights],
    ]),
  );
}

/** Of most weights. */
export function commonFormat(
  graph: Graph,
  formats: Readonly<Record<string, WeightFormat>>,
): WeightFormat {
  const weights = WEIGHT_FORMATS.map((format) =>
    weightedLayers(graph)
      .filter(({ name }) => formats[name] === format)
      .reduce((sum, layer) => sum + weightCount(layer), 0),
  );
  return WEIGHT_FORMATS[weights.indexOf(Math.max(...weights))]!;
}
