/** What a budget asks of the weights, in a clause that the command line, the editor and its dashboard share. */
import { isHopeless, nonZeroOf, type Compression } from '../plan/compression';
import { formatCount, formatPercent, formatRatio } from './format';

/** `the budget leaves 1,000 bytes for weights of 59,404 (59.4×): about 0.5 % of them can stay non-zero, …`. */
export function describeCompression(compression: Compression): string {
  const { denseBytes, packedBytes, blobBudget } = compression;
  const nonZero = nonZeroOf(compression);
  if (blobBudget === undefined || nonZero === 1) {
    return `the budget has room for all ${formatCount(packedBytes)} bytes of the weights: none need to be pruned`;
  }
  const packed =
    packedBytes === denseBytes
      ? formatCount(denseBytes)
      : `${formatCount(denseBytes)}, in few bits ${formatCount(packedBytes)}`;
  const estimate = `about ${formatPercent(nonZero)} of them can stay non-zero`;
  const outcome = isHopeless(compression) ? ', and hardly any accuracy will be left' : '';
  return (
    `the budget leaves ${formatCount(blobBudget)} bytes for weights of ${packed} ` +
    `(${formatRatio(denseBytes / blobBudget)} compression): ${estimate}${outcome}`
  );
}
