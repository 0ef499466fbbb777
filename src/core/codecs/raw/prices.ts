import type { CodecPrices } from '../prices';

/** A zero costs what any other byte costs, so no zero pays. */
export const prices: CodecPrices = {
  models: { flat: { zero: Float64Array.of(1, 1), keep: Float64Array.of(1, 1) } },
  kept: 1,
  defaultModel: () => 'flat',
  zeros: (count) => count,
};
