/**
 * What LZ4 asks for zeros and for what is kept between them. What a zero saves depends on its neighbours and on how much
 * the encoder has to match with, so no single table is best for a block of 400 bytes and for one of 40,000.
 */
import type { CodecPrices, RunCosts } from '../prices';

/** Of a byte of which the encoder can make no match, its share of the sequences around it included. */
const KEPT = 1.45;

/**
 * `magnitude` and `runs` are the two classical methods. The others were found by random search over tables
 * a + b·exp(−zeros / c), for the most energy kept in 50 % and 25 % of the bytes of Gaussian weights under the optimal
 * parse. Absolute scale: what a byte more in the budget then really buys, so that one multiplier means the same to all.
 */
const models = {
  /** Kept weights are cheaper together: near to `magnitude`. */
  clusters: decaying({ zero: [0.12, -0.264, 1.47], keep: [2.4, -0.984, 1.18] }),
  /** The same with the first zeros dearer: nearer to `runs`. */
  gaps: decaying({ zero: [0, 0.683, 0.85], keep: [0.65, 0.572, 1.8] }),
  /** A kept weight costs the same wherever it is. */
  magnitude: flat(KEPT),
  /** A zero is a literal until the fourth makes a match; then they are free. */
  runs: { zero: Float64Array.of(1, 1, 1, 0, 0), keep: Float64Array.of(1, 1, 1, 1, 1) },
} satisfies Record<string, RunCosts>;

export const prices: CodecPrices = {
  models: () => models,
  kept: () => KEPT,
  // A greedy parse finds nothing but runs in weights that are trained no matches.
  defaultModel: ({ encoder }): keyof typeof models => (encoder === 'greedy' ? 'runs' : 'clusters'),
  // By either encoder: one literal, a match, five literals.
  zeros(count) {
    if (count < 13) return 1 + count; // A block's last match starts 12 bytes before its end.
    const extra = count - 10;
    return 10 + (extra < 15 ? 0 : 1 + Math.floor((extra - 15) / 255));
  },
};

function flat(keep: number): RunCosts {
  return { zero: Float64Array.of(0, 0), keep: Float64Array.of(keep, keep) };
}

function decaying(costs: Record<'zero' | 'keep', readonly [number, number, number]>): RunCosts {
  const table = ([limit, extra, length]: readonly [number, number, number]): Float64Array =>
    Float64Array.from({ length: 8 }, (_, zeros) => limit + extra * Math.exp(-zeros / length));
  return { zero: table(costs.zero), keep: table(costs.keep) };
}
