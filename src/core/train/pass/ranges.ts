import type { Graph } from '../../graph/graph';
import { INPUT } from '../../graph/graph';
import type { TensorQuantization } from '../../quant/model';
import { SOFTMAX_OUTPUT, chooseQuantization } from '../../quant/quantization';
import { hasOwnScale } from './forward';

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
 * Quantisation of every tensor by name. Layers that only move bytes (pooling, flatten, clamps) keep their input's;
 * softmax has TFLite's fixed 1/256, −128. The input's comes from the data's normalisation, not from ranges.
 */
export function tensorQuantizations(
  graph: Graph,
  ranges: Ranges,
  input: TensorQuantization,
): Record<string, TensorQuantization> {
  const result: Record<string, TensorQuantization> = { [INPUT]: input };
  for (const layer of graph.layers) {
    if (hasOwnScale(layer)) {
      const range = ranges.get(layer.name);
      if (!range) throw new Error(`no range was observed for layer ${layer.name}`);
      result[layer.name] = chooseQuantization(range.min, range.max);
    } else if (layer.kind === 'softmax') {
      result[layer.name] = SOFTMAX_OUTPUT;
    } else {
      result[layer.name] = result[layer.inputs[0]!]!;
    }
  }
  return result;
}
