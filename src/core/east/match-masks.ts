/**
 * Pruning towards what the block already holds: a stretch of weights may become a match with any earlier bytes that
 * agree with it on every weight that stays, the others being zero there. Zero runs are the simplest such match.
 *
 * It keeps the most for its bytes, by a few per cent of the energy, but only while the weights stay what they are:
 * once they move by a step, matches across kept weights break and the block grows by a tenth (bench/lz4-energy.ts).
 * Hence it is for weights that are trained no more.
 */
import { MAX_OFFSET, MIN_MATCH } from '../lz4/format';
import type { SelectionLayer } from './selection';

/** Weights decided at a time; matches point before them, where nothing changes any more. */
const CHUNK = 1024;
/** Weights looked at beyond a chunk, so that its end is no worse a place for matches than its middle. */
const AHEAD = 64;
/** Earlier occurrences of a weight's value that are tried, latest first. */
const MAX_TRIES = 256;
/** How far before and behind a kept weight a match is followed. */
const MAX_BEFORE = 24;
const MAX_BEHIND = 64;
/** Match lengths from here on take a length byte. */
const LONG_MATCH = 19;

const LITERAL = -1;
const ZERO_RUN = -2;

/** Masks that about minimise Σ saliency of pruned weights + lambda · bytes, for exactly these values. */
export function matchMask(layer: SelectionLayer, lambda: number): Uint8Array {
  const mask = new Uint8Array(layer.values.length);
  let start = 0;
  for (const length of layer.tileBytes) {
    const end = start + length;
    maskTile(
      layer.values.subarray(start, end),
      layer.saliency.subarray(start, end),
      lambda,
      mask.subarray(start, end),
    );
    start = end;
  }
  return mask;
}

function maskTile(
  values: Int8Array,
  saliency: Float32Array,
  lambda: number,
  mask: Uint8Array,
): void {
  const n = values.length;
  const decided = new Int8Array(n); // the pruned values so far
  const latest = new Int32Array(256).fill(-1); // latest decided position of each non-zero value, and the one before it
  const previous = new Int32Array(n).fill(-1);
  const lossBefore = new Float64Array(n + 1); // Σ saliency of all weights before i
  for (let i = 0; i < n; i++)
    lossBefore[i + 1] = lossBefore[i]! + (values[i] === 0 ? 0 : saliency[i]!);

  // Shortest path over positions, as the encoder's own parse: the cheapest cost to i, the step that reaches it, and
  // what that step is (LITERAL, ZERO_RUN, or the distance of a match).
  const cost = new Float64Array(n + 1);
  const from = new Int32Array(n + 1);
  const via = new Int32Array(n + 1);
  const reach = (to: number, total: number, start: number, step: number): void => {
    if (total >= cost[to]!) return;
    cost[to] = total;
    from[to] = start;
    via[to] = step;
  };

  /** Steps from the matches whose first kept weight is p, with every decided q of the same value. */
  const tryMatches = (p: number, chunkStart: number, end: number): void => {
    let tries = MAX_TRIES;
    for (
      let q = latest[values[p]! & 255]!;
      q >= 0 && p - q <= MAX_OFFSET && tries > 0;
      q = previous[q]!, tries--
    ) {
      let start = p;
      const furthest = Math.max(p - MAX_BEFORE, chunkStart, p - q);
      for (let i = p - 1; i >= furthest && decided[q - p + i] === 0; i--) {
        if (cost[i]! - lossBefore[i]! < cost[start]! - lossBefore[start]!) start = i;
      }
      let total = cost[start]! + lossBefore[p]! - lossBefore[start]! + 3 * lambda;
      const limit = Math.min(end, p + chunkStart - q, p + MAX_BEHIND);
      for (let i = p + 1; i < limit; i++) {
        const supplied = decided[q - p + i]!;
        if (supplied === 0) total += lossBefore[i + 1]! - lossBefore[i]!;
        else if (supplied !== values[i]!) break;
        const length = i + 1 - start;
        if (length < MIN_MATCH) continue;
        reach(i + 1, total + (length >= LONG_MATCH ? lambda : 0), start, p - q);
        if (total > cost[i + 1]! + 2 * lambda) break;
      }
    }
  };

  for (let chunkStart = 0; chunkStart < n;) {
    const end = Math.min(n, chunkStart + CHUNK + AHEAD);
    cost.fill(Infinity, chunkStart, end + 1);
    cost[chunkStart] = 0;
    let bestFar = Infinity; // of the starts of long zero runs; their length bytes count as a 255th per weight
    let bestFarStart = -1;
    for (let p = chunkStart; p <= end; p++) {
      if (p > chunkStart) reach(p, cost[p - 1]! + lambda, p - 1, LITERAL);
      const far = p - LONG_MATCH;
      if (far >= chunkStart) {
        const value = cost[far]! - lossBefore[far]! - (lambda * far) / 255;
        if (value < bestFar) {
          bestFar = value;
          bestFarStart = far;
        }
        reach(p, bestFar + lossBefore[p]! + lambda * (4 + p / 255), bestFarStart, ZERO_RUN);
      }
      let bestNear = Infinity;
      let bestNearStart = -1;
      for (let i = Math.max(chunkStart, far + 1); i <= p - MIN_MATCH; i++) {
        const value = cost[i]! - lossBefore[i]!;
        if (value < bestNear) {
          bestNear = value;
          bestNearStart = i;
        }
      }
      reach(p, bestNear + lossBefore[p]! + lambda * 3, bestNearStart, ZERO_RUN);
      if (p < end && values[p] !== 0) tryMatches(p, chunkStart, end);
    }

    const stops: number[] = [];
    for (let stop = end; stop > chunkStart; stop = from[stop]!) stops.push(stop);
    let at = chunkStart;
    for (const stop of stops.reverse()) {
      // Steps into the look-ahead are taken back, except where the first already leads there.
      if (at > chunkStart && stop > chunkStart + CHUNK && end < n) break;
      for (const start = at; at < stop; at++) {
        const distance = via[stop]!;
        if (distance === LITERAL) decided[at] = values[start]!;
        else if (distance !== ZERO_RUN) decided[at] = decided[at - distance]!;
        if (decided[at] === 0) continue;
        mask[at] = 1;
        const symbol = decided[at]! & 255;
        previous[at] = latest[symbol]!;
        latest[symbol] = at;
      }
    }
    chunkStart = at;
  }
}
