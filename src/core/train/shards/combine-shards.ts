/** Puts the results of a batch's shards together, always in their order: floating-point sums depend on it. */
import type { ChannelStatistics, LayerArrays, PassResult } from '../pass/pass';

export interface ShardResult {
  readonly examples: number;
  readonly result: PassResult;
}

/**
 * Loss, gradients and batch norm's statistics are averages weighted by examples; the variance is that within the
 * shards, which is what normalised them. Extremes are those of all. The first shard's gradients are overwritten.
 */
export function combineShards(shards: readonly ShardResult[]): PassResult {
  const [first, ...others] = shards;
  if (first === undefined) throw new RangeError('no shard has any example');
  if (others.length === 0) return first.result;
  const examples = shards.reduce((sum, shard) => sum + shard.examples, 0);
  const share = (shard: ShardResult): number => shard.examples / examples;
  const average = (pick: (result: PassResult) => Float32Array): Float32Array => {
    const mean = pick(first.result);
    scale(mean, share(first));
    for (const shard of others) addScaled(mean, pick(shard.result), share(shard));
    return mean;
  };
  const averaged = (pick: (result: PassResult) => LayerArrays): LayerArrays => {
    const weights = average((result) => pick(result).weights);
    const bias = average((result) => pick(result).bias);
    if (!pick(first.result).gamma) return { weights, bias };
    return { weights, gamma: average((result) => pick(result).gamma!), bias };
  };
  return {
    loss: shards.reduce((sum, shard) => sum + share(shard) * shard.result.loss, 0),
    gradients: first.result.gradients.map((_, i) => averaged((result) => result.gradients[i]!)),
    statistics: first.result.statistics.map(({ layer }, i): ChannelStatistics => ({
      layer,
      mean: average((result) => result.statistics[i]!.mean),
      variance: average((result) => result.statistics[i]!.variance),
    })),
    ranges: first.result.ranges.map(([name], i) => {
      const extremes = shards.map((shard) => shard.result.ranges[i]!);
      return [
        name,
        Math.min(...extremes.map(([, min]) => min)),
        Math.max(...extremes.map(([, , max]) => max)),
      ];
    }),
    logits: concatenate(shards.map((shard) => shard.result.logits)),
  };
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * factor;
}

function addScaled(sum: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + factor * values[i]!;
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
