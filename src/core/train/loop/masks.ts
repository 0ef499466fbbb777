/** The masks of the live network: chosen anew for a falling budget, and tightened until what is kept really fits. */
import { weightedLayers } from '../../graph/graph';
import type { LoopContext } from './context';
import type { TrainProgress } from './progress';
import { minimumBytes, plainLayerBytes } from '../../east/stored-bytes';
import type { SelectionLayer } from '../../east/selection';
import { applyMasks, select, selectionLayers, unprunedBytes, zeroShares } from './pruning';
import { pruningBudget } from './setup';

/** Mask searches aim this far below the budget: weights that are fine-tuned afterwards compress a little worse. */
export const SEARCH_MARGIN = 0.99;

/** Masks for the bytes due at this step of the pruning phase, put in force. Returns what is told of them. */
export function chooseMasks(
  { setup, state, phases }: LoopContext,
  phaseStep: number,
  budget: number,
): TrainProgress {
  const { graph, tileWeights, config } = setup;
  const { parameters } = state;
  const layers = selectionLayers(graph, parameters, tileWeights, false, config.east);
  const dense = layers.reduce((bytes, layer) => bytes + plainLayerBytes(layer), 0);
  const target = phases.bytesAt(phaseStep, dense, below(budget, SEARCH_MARGIN, layers));
  const selection = select(layers, target, config.east, state);
  state.lambda = selection.lambda;
  state.plans = selection.plans;
  const churn = applyMasks(graph, parameters, selection.masks);
  const sparsity = zeroShares(layers, selection.masks);
  return {
    type: 'prune',
    step: state.step,
    storedTarget: target,
    storedBytes: selection.storedBytes,
    sparsity: sparsity.total,
    churn,
    layers: layers.map((layer, i) => ({
      name: layer.name,
      sparsity: sparsity.layers[i]!,
      storedBytes: selection.layerBytes[i]!,
      format: parameters.get(layer.name)!.format.id,
    })),
  };
}

/**
 * Prunes on until the blocks really fit; fine-tuned values may compress a little worse than those searched on. Returns
 * the bytes they take.
 */
export function tightenMasks({ setup, state }: LoopContext): number {
  const { graph, tileWeights, config } = setup;
  const { parameters } = state;
  const budget = pruningBudget(setup);
  for (let attempt = 0; ; attempt++) {
    const layers = selectionLayers(graph, parameters, tileWeights, true, config.east);
    const { total } = unprunedBytes(layers);
    if (budget === undefined || total <= budget) return total;
    // Removing a channel's largest weight changes its scale and so its bytes: aim lower each time round.
    const aim = Math.floor(below(budget, 1 - 0.002 * attempt, layers));
    const selection = select(layers, aim, config.east);
    const tightened = weightedLayers(graph).map((layer, l) => {
      const { mask } = parameters.get(layer.name)!;
      return selection.masks[l]!.map((keep, i) => keep & mask[i]!);
    });
    applyMasks(graph, parameters, tightened);
  }
}

/** That share of the budget, but no less than the budget allows where even zeros take all of it. */
function below(budget: number, share: number, layers: readonly SelectionLayer[]): number {
  return Math.max(budget * share, Math.min(budget, minimumBytes(layers)));
}
