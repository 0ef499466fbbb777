import type { LayerParameters } from './parameters';
import { BATCH_NORM_EPSILON } from '../../graph/batch-norm';

/** Factor of each channel's weights, and the bias, with batch norm's running statistics folded in. */
export function foldBatchNorm(
  p: LayerParameters,
  channels: number,
): { factor: Float64Array; bias: Float64Array } {
  const factor = new Float64Array(channels).fill(1);
  const bias = Float64Array.from(p.bias);
  if (p.gamma && p.mean && p.variance) {
    for (let c = 0; c < channels; c++) {
      const f = p.gamma[c]! / Math.sqrt(p.variance[c]! + BATCH_NORM_EPSILON);
      factor[c] = f;
      bias[c] = p.bias[c]! - p.mean[c]! * f;
    }
  }
  return { factor, bias };
}
