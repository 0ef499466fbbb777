/** The pruning methods. They share the search, the encoder and the masks' meaning, and differ in the choice alone. */
import { UserError } from '../util/errors';
import { lostSaliency, searchBudget } from './budget-search';
import type { LayerMask } from './choose-formats';
import { bestPlan, defaultPlan, eastMask, type LayerPlan } from './east-masks';
import { encodedBytes, minimumBytes } from './encoded-bytes';
import { groupMasks, magnitudeMasks } from './fixed-masks';
import type { MaskChooser, Selection, SelectionLayer, SelectionOptions } from './selection';

export { encodedBytes, minimumBytes };

/** How far below the budget the search may stop that only finds out what a byte is worth. */
const ROUGH = 0.03;

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

/**
 * EAST: the encoder's own prices decide which zeros pay. A rough search with one way of choosing for all layers shows
 * what a byte is worth at this budget; at that price every layer gets the way that is best for it, and a second
 * search meets the budget with those, once more if the price turns out another.
 */
export function selectEast(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  const withPlans =
    (plans: readonly LayerPlan[]): MaskChooser =>
    (lambda) =>
      layers.map((layer, l) => eastMask(layer, plans[l]!, lambda));
  const lost = ({ masks }: Selection): number => lostSaliency(layers, masks);

  const plain = withPlans(layers.map(defaultPlan));
  const rough = searchBudget(layers, budgetBytes, plain, { ...options, tolerance: ROUGH });
  if (rough.lambda === 0) return rough;

  let best: Selection | undefined;
  let price = bytePrice(layers, plain, rough.lambda);
  let plans = layers.map((layer): LayerPlan => ({
    ...defaultPlan(layer),
    scale: rough.lambda / price,
  }));
  for (let round = 0; round < 2; round++) {
    plans = layers.map((layer, l) =>
      bestPlan(layer, price, plans[l]!, options.finalValues === true),
    );
    const found = searchBudget(layers, budgetBytes, withPlans(plans), {
      ...options,
      lambda: price,
    });
    if (best === undefined || lost(found) < lost(best)) best = found;
    if (Math.abs(Math.log(found.lambda / price)) < 0.15) break;
    price = found.lambda;
  }
  if (best === undefined || lost(rough) < lost(best)) {
    best = searchBudget(layers, budgetBytes, plain, { ...options, lambda: rough.lambda });
  }
  // The next call starts with the rough search again, so its multiplier is the one to start from.
  return { ...best, lambda: rough.lambda };
}

/**
 * One layer's mask at about what a byte is worth, for weighing formats: each method's own way of choosing, its multiplier
 * calibrated to bytes. A single kept byte costs 1.45 (east-masks.ts), one in a group hardly more than itself.
 */
export const byteMasks = {
  east: (layer, lambda) => eastMask(layer, defaultPlan(layer), lambda),
  magnitude: (layer, lambda) => magnitudeMasks([layer])(1.45 * lambda)[0]!,
  group:
    (group: number): LayerMask =>
    (layer, lambda) =>
      groupMasks([layer], group)(lambda)[0]!,
} satisfies Record<string, LayerMask | ((group: number) => LayerMask)>;

/** Saliency that a byte more would save around `lambda`: the slope of loss against really encoded bytes. */
function bytePrice(layers: readonly SelectionLayer[], choose: MaskChooser, lambda: number): number {
  const few = choose(lambda * 1.15);
  const many = choose(lambda / 1.15);
  const bytes = encodedBytes(layers, many).total - encodedBytes(layers, few).total;
  const loss = lostSaliency(layers, few) - lostSaliency(layers, many);
  return bytes > 0 ? Math.min(4 * lambda, Math.max(lambda / 4, loss / bytes)) : lambda;
}
