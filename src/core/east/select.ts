/** The pruning methods. They share the search, the encoder and the masks' meaning, and differ in the choice alone. */
import { UserError } from '../util/errors';
import { searchBudget } from './budget-search';
import { bestPlan, defaultPlan, eastMask } from './east-masks';
import { encodedBytes, minimumBytes } from './encoded-bytes';
import { groupMask, magnitudeMask } from './fixed-masks';
import type { EastPlans, LayerPlan } from './layer-plan';
import { atPrice, distortion } from './objective';
import type {
  LayerMask,
  MaskChooser,
  Selection,
  SelectionLayer,
  SelectionOptions,
} from './selection';
import { maskAll } from './selection';
import { estimatedBytes, sampleLayer } from './size-estimate';

export { encodedBytes, minimumBytes };

/** How far below the budget the search may stop that only finds out what a byte is worth. */
const ROUGH = 0.03;
/** Plans are kept while the logarithm of a byte's price changes less. */
const SAME_PRICE = 0.15;

/** Unstructured: the weights of least saliency, one threshold for all layers. */
export function selectMagnitude(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  return searchBudget(layers, budgetBytes, maskAll(layers, magnitudeMask), options);
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
  return searchBudget(layers, budgetBytes, maskAll(layers, groupMask(options.group)), options);
}

/**
 * EAST: the encoder's own prices decide which zeros pay. A rough search shows what a byte is worth at this budget; at
 * that price every layer gets the way of choosing that is best for it (its plan), and a second search meets the budget
 * with those. Rough prices and plans come from estimated sizes, what is returned from really encoded ones. The plans of
 * the last selection are kept while the price stays about the same.
 */
export function selectEast(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  const { lambda, plans: last, tolerance } = options;
  const samples = layers.map((layer) => sampleLayer(layer));
  const search = (plans: readonly LayerPlan[], start: number | undefined): Selection =>
    searchBudget(layers, budgetBytes, withPlans(layers, plans), {
      ...(start === undefined ? {} : { lambda: start }),
      ...(tolerance === undefined ? {} : { tolerance }),
    });
  const roughSearch = (plans: readonly LayerPlan[], start: number | undefined): number =>
    searchBudget(
      layers,
      budgetBytes,
      withPlans(layers, plans),
      { ...(start === undefined ? {} : { lambda: start }), tolerance: ROUGH },
      estimatedBytes,
    ).lambda;
  const planFor = (price: number, from: readonly LayerPlan[]): EastPlans => ({
    price,
    layers: samples.map((sample, l) => bestPlan(sample, price, from[l]!)),
  });

  let plans: EastPlans;
  if (last?.layers.length === layers.length) {
    const price = roughSearch(last.layers, lambda ?? last.price);
    plans = price === 0 || samePrice(price, last.price) ? last : planFor(price, last.layers);
  } else {
    const plain = layers.map(defaultPlan);
    const rough = roughSearch(plain, lambda);
    if (rough === 0) return search(plain, undefined);
    const price = bytePrice(samples, withPlans(samples, plain), rough);
    plans = planFor(
      price,
      plain.map((plan) => ({ ...plan, scale: rough / price })),
    );
  }
  const found = search(plans.layers, plans.price);
  if (found.lambda === 0 || samePrice(found.lambda, plans.price)) return { ...found, plans };
  const again = planFor(found.lambda, plans.layers);
  const better = search(again.layers, found.lambda);
  return distortion(layers, better.masks) < distortion(layers, found.masks)
    ? { ...better, plans: again }
    : { ...found, plans };
}

function withPlans(layers: readonly SelectionLayer[], plans: readonly LayerPlan[]): MaskChooser {
  const masks = plans.map((plan) => atPrice((layer, lambda) => eastMask(layer, plan, lambda)));
  return (lambda) => layers.map((layer, l) => masks[l]!(layer, lambda));
}

function samePrice(a: number, b: number): boolean {
  return Math.abs(Math.log(a / b)) < SAME_PRICE;
}

/**
 * One layer's mask at about what a byte is worth, for weighing formats: each method's own way of choosing, its multiplier
 * calibrated to bytes. A single kept byte costs 1.45 (east-masks.ts), one in a group hardly more than itself.
 */
export const byteMasks = {
  east: (layer, lambda) => eastMask(layer, defaultPlan(layer), lambda),
  magnitude: (layer, lambda) => magnitudeMask(layer, 1.45 * lambda),
  group: groupMask,
} satisfies Record<string, LayerMask | ((group: number) => LayerMask)>;

/** Nats that a byte more would save around `lambda`: the slope of loss against really encoded bytes. */
function bytePrice(layers: readonly SelectionLayer[], choose: MaskChooser, lambda: number): number {
  const few = choose(lambda * 1.15);
  const many = choose(lambda / 1.15);
  const bytes = encodedBytes(layers, many).total - encodedBytes(layers, few).total;
  const loss = distortion(layers, few) - distortion(layers, many);
  return bytes > 0 ? Math.min(4 * lambda, Math.max(lambda / 4, loss / bytes)) : lambda;
}
