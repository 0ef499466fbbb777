import type { Graph } from '../../graph/graph';
import { INPUT } from '../../graph/graph';
import type { TensorQuantization } from '../../quant/model';
import { chooseQuantization } from '../../quant/quantization';
import { outputQuantization } from '../../quant/quantize-model';

/** Observed value range of each tensor that has a quantisation of its own, as moving averages of batch extremes. */
export type Ranges = Map<string, { min: number; max: number }>;

const DECAY = 0.9;

export function observeRange(ranges: Ranges, name: string, min: number, max: number): void {
  const range = ranges.get(name);
  if (!range) {
    ranges.set(name, { min, max });
    return;
  }
  range.min = DECAY * range.min + (1 - DECAY) * min;
  range.max = DECAY * range.max + (1 - DECAY) * max;
}

/**
 * Quantisation of every tensor by name: by the observed ranges where a layer has one of its own. The input's comes from
 * the data's normalisation, not from ranges.
 */
export function tensorQuantizations(
  graph: Graph,
  ranges: Ranges,
  input: TensorQuantization,
): Record<string, TensorQuantization> {
  const result: Record<string, TensorQuantization> = { [INPUT]: input };
  const own = (name: string): TensorQuantization => {
    const range = ranges.get(name);
    if (!range) throw new Error(`no range was observed for layer ${name}`);
    return chooseQuantization(range.min, range.max);
  };
  for (const layer of graph.layers) result[layer.name] = outputQuantization(layer, result, own);
  return result;
}
