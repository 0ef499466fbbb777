/** The pruning methods. They share the search, the encoder and the masks' meaning, and differ in the choice alone. */
import { UserError } from '../util/errors';
import { lostSaliency, searchBudget } from './budget-search';
import { groupMasks, magnitudeMasks } from './fixed-masks';
import { runMasks, type RunCosts } from './run-masks';
import type { Selection, SelectionLayer, SelectionOptions } from './selection';

export { encodedBytes, minimumBytes } from './encoded-bytes';

/** Unstructured: the weights of least saliency, one threshold for all layers. */
export function selectMagnitude(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  return searchBudget(layers, budgetBytes, magnitudeMasks(layers), options);
}

/** Aligned groups of a fixed number of consecutive weights, those of least mean saliency. */
export function selectGroup(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions & { readonly group: number },
): Selection {
  if (!Number.isInteger(options.group) || options.group < 1) {
    throw new UserError(`the group must be a whole number of weights ≥ 1, not ${options.group}`);
  }
  return searchBudget(layers, budgetBytes, groupMasks(layers, options.group), options);
}

/** A zero among other weights costs a byte like any literal; from the fourth on a run is a match of three bytes. */
const PURE_RUNS: RunCosts = {
  zero: Float64Array.of(1, 1, 1, 0, 0),
  keep: Float64Array.of(1, 1, 1, 1, 1),
};

/** EAST. */
export function selectEast(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  const runs = searchBudget(
    layers,
    budgetBytes,
    (lambda) => layers.map((layer) => runMasks(layer, PURE_RUNS, lambda)),
    options,
  );
  const singles = selectMagnitude(layers, budgetBytes, options);
  return lostSaliency(layers, runs.masks) < lostSaliency(layers, singles.masks) ? runs : singles;
}
