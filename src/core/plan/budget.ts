/** What the keys of `budget` come to in bytes, and what they leave for the weights. */
import type { BudgetConfig } from '../config/config';

/** Bytes that budget.weights allows; a share is one of the dense weights. Undefined: it does not limit. */
export function allowedWeights(
  { weights }: Pick<BudgetConfig, 'weights'>,
  denseBytes: number,
): number | undefined {
  if (weights === undefined) return undefined;
  return 'bytes' in weights ? weights.bytes : Math.floor(weights.fraction * denseBytes);
}

export interface WeightBudget {
  /** Most bytes the blob (header, tile table, tiles) may take; may be negative. Undefined: not limited. */
  readonly blobBudget: number | undefined;
  /** The key that sets `blobBudget`. */
  readonly limitedBy: 'flash' | 'weights' | undefined;
}

/**
 * The tighter of budget.weights and what budget.flash leaves.
 *
 * @param fixed bytes of flash that are not weights
 */
export function leftForWeights(
  budget: Pick<BudgetConfig, 'flash' | 'weights'>,
  fixed: number,
  denseBytes: number,
): WeightBudget {
  const left = budget.flash === undefined ? undefined : budget.flash - fixed;
  const allowed = allowedWeights(budget, denseBytes);
  if (left !== undefined && left <= (allowed ?? Infinity)) {
    return { blobBudget: left, limitedBy: 'flash' };
  }
  return { blobBudget: allowed, limitedBy: allowed === undefined ? undefined : 'weights' };
}
