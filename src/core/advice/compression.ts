/**
 * What a compression ratio means for the weights, before anything is trained: measured once on Gaussian int8 weights
 * (compression-curve.json says how), where method east keeps as many as the encoder allows. Real layers differ, so
 * this is an estimate to warn with, never a reason to refuse.
 */
import { formatCount, formatPercent, formatRatio } from '../report/format';
import curve from './compression-curve.json';

/** Below this share of non-zero weights accuracy is usually gone, and more training does not bring it back. */
export const LEAST_NON_ZERO = 0.015;

/** Share of weights that can stay non-zero when all of them take `share` of their dense int8 bytes; both 0 to 1. */
export function nonZeroShare(share: number): number {
  return interpolate(share, 'bytes', 'nonZero');
}

/** Share of the dense int8 bytes at which `nonZero` of the weights stay non-zero: nonZeroShare the other way round. */
export function bytesShare(nonZero: number): number {
  return interpolate(nonZero, 'nonZero', 'bytes');
}

/** What a flash budget asks of the weights (FlashForecast has it). */
export interface Compression {
  readonly denseBytes: number;
  /** Most bytes they may take; undefined: not limited. */
  readonly blobBudget: number | undefined;
  readonly requiredRatio: number | undefined;
  readonly nonZero: number | undefined;
}

/** Whether so few weights could stay non-zero that hardly any accuracy will be left. */
export function isHopeless({ nonZero }: Compression): boolean {
  return nonZero !== undefined && nonZero < LEAST_NON_ZERO;
}

/** `the budget leaves 1,000 bytes for weights of 59,404 (59.4×): about 0.5 % of them can stay non-zero, …`. */
export function describeCompression(compression: Compression): string {
  const { denseBytes, blobBudget = denseBytes, requiredRatio = 1, nonZero } = compression;
  if (blobBudget >= denseBytes) {
    return `the budget has room for all ${formatCount(denseBytes)} bytes of the weights: none need to be pruned`;
  }
  const estimate = `about ${formatPercent(nonZero)} of them can stay non-zero`;
  const outcome = isHopeless(compression) ? ', and hardly any accuracy will be left' : '';
  return (
    `the budget leaves ${formatCount(blobBudget)} bytes for weights of ${formatCount(denseBytes)} ` +
    `(${formatRatio(requiredRatio)} compression): ${estimate}${outcome}`
  );
}

type Axis = 'bytes' | 'nonZero';

/** Linear between the measured points, which fall; to (1, 1) and (0, 0) beyond them. */
function interpolate(x: number, from: Axis, to: Axis): number {
  const points = [{ bytes: 1, nonZero: 1 }, ...curve.points, { bytes: 0, nonZero: 0 }];
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const i = points.findIndex((point) => point[from] <= x);
  const [high, low] = [points[i - 1]!, points[i]!];
  const t = (x - low[from]) / (high[from] - low[from]);
  return low[to] + t * (high[to] - low[to]);
}
