/**
 * What a compression ratio means for the weights, before anything is trained: measured once on Gaussian weights in each
 * format (compression-curve.json says how), where method east keeps as many as the encoder allows. Real layers differ,
 * so this is an estimate to warn with, never a reason to refuse.
 */
import type { WeightFormat } from '../formats/formats';
import type { FlashForecast } from './flash';
import curve from './compression-curve.json';

/** Below this share of non-zero weights accuracy is usually gone, and more training does not bring it back. */
export const LEAST_NON_ZERO = 0.015;

/** Share of weights that can stay non-zero when all take `share` of their bytes before pruning and LZ4; both 0 to 1. */
export function nonZeroShare(share: number, format: WeightFormat): number {
  return interpolate(share, 'bytes', 'nonZero', format);
}

/** Share of those bytes at which `nonZero` of the weights stay non-zero: nonZeroShare the other way round. */
export function bytesShare(nonZero: number, format: WeightFormat): number {
  return interpolate(nonZero, 'nonZero', 'bytes', format);
}

/** What a flash budget asks of the weights. */
export type Compression = Pick<
  FlashForecast,
  'denseBytes' | 'packedBytes' | 'blobBudget' | 'blockBudget' | 'leastBlob' | 'format'
>;

/** Estimate of the share of weights that can stay non-zero: 1 where none need to be pruned, undefined where nothing fits. */
export function nonZeroOf(compression: Compression): number | undefined {
  const { packedBytes, blobBudget, blockBudget, leastBlob, format } = compression;
  if (blobBudget === undefined || blockBudget === undefined) return undefined;
  return blobBudget < leastBlob ? undefined : nonZeroShare(blockBudget / packedBytes, format);
}

/** Whether so few weights could stay non-zero that hardly any accuracy will be left. */
export function isHopeless(compression: Compression): boolean {
  const nonZero = nonZeroOf(compression);
  return nonZero !== undefined && nonZero < LEAST_NON_ZERO;
}

type Axis = 'bytes' | 'nonZero';

/**
 * Linear between the measured points, which fall from all bytes to (0, 0). With all bytes nothing is pruned: 1, though of
 * few levels some are zero by rounding.
 */
function interpolate(x: number, from: Axis, to: Axis, format: WeightFormat): number {
  const points = [...curve.curves[format], { bytes: 0, nonZero: 0 }];
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const i = points.findIndex((point) => point[from] <= x);
  if (i === 0) return points[0]![to];
  const [high, low] = [points[i - 1]!, points[i]!];
  const t = (x - low[from]) / (high[from] - low[from]);
  return low[to] + t * (high[to] - low[to]);
}
