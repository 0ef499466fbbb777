import type { CodecPrices } from '../prices';

const models = { flat: { zero: Float64Array.of(1, 1), keep: Float64Array.of(1, 1) } };

/** A zero costs what any other byte costs, so no zero pays. */
export const prices: CodecPrices = {
  models: () => models,
  kept: () => 1,
  defaultModel: () => 'flat',
  zeros: (count) => count,
};
