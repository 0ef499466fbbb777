/** The phases of a training, and the words for them: the same in terminal, editor and dashboard. */

/**
 * In this order. `float`: as any network is trained. `prune`: with quantised weights and activations, whose masks follow
 * the falling budget. `finetune`: masks stay.
 */
export const PHASES = ['float', 'prune', 'finetune'] as const;

export type Phase = (typeof PHASES)[number];

/** Where there is little room: before a bar, above a curve. */
export const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  float: 'float',
  prune: 'prune',
  finetune: 'fine-tune',
};

/** What a run in that phase is doing. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  float: 'training the float network',
  prune: 'pruning to the budget',
  finetune: 'fine-tuning',
};
