/**
 * What zeros and levels cost an entropy coder: what they tell. A zero costs the same wherever it is, and a level the more
 * the rarer it is among the layer's weights; how many zeros there will be is not known yet, so there is a list for several
 * shares of them.
 */
import type { CodecPrices, RunCosts } from '../prices';
import { encodedSize } from './encode';
import { histogram } from './fit-table';

const SHARES = { few: 0.3, half: 0.55, most: 0.8, nearlyAll: 0.95 } as const;
/** A table of one level, which takes the rest, and the state. */
const ZERO_TILE_BYTES = 7;

export const prices: CodecPrices = {
  models(_, symbols) {
    const counts = histogram(symbols);
    return Object.fromEntries(
      Object.entries(SHARES).map(([name, share]) => [name, costs(counts, share)]),
    );
  },
  defaultModel: () => 'half',
  // Of three to fifteen levels, half of them zero.
  kept: () => 0.5,
  zeros(count, { table }) {
    if (count === 0) return 0;
    return table === undefined ? ZERO_TILE_BYTES : encodedSize(new Uint8Array(count), table);
  },
};

function costs(counts: Float64Array, share: number): RunCosts {
  const kept = counts.reduce((sum, n) => sum + n, 0) - counts[0]!;
  const zero = -Math.log2(share) / 8;
  return {
    zero: Float64Array.of(zero, zero),
    keep: Float64Array.of(0, 0),
    // A level that does not occur is as rare as one that occurs once.
    level: counts.map((n) => -Math.log2(((1 - share) * Math.max(n, 1)) / Math.max(kept, 1)) / 8),
  };
}
