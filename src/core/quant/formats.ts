/** From the config's bits to the format of each layer's weights. */
import type { QuantizationConfig } from '../config/config';
import type { Graph } from '../graph/graph';
import { weightedLayers } from '../graph/graph';
import type { WeightFormat } from './packing';

const FORMATS = { 8: 'int8', 4: 'int4', 2: 'int2', ternary: 'ternary' } as const;

/** By layer name. */
export function chooseFormats(
  graph: Graph,
  { weights }: Pick<QuantizationConfig, 'weights'>,
): Record<string, WeightFormat> {
  return Object.fromEntries(weightedLayers(graph).map(({ name }) => [name, FORMATS[weights]]));
}
