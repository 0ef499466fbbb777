/** The pruning methods. They share the search, the encoder and the masks' meaning, and differ in the choice alone. */
import { UserError } from '../util/errors';
import { searchBudget } from './budget-search';
import { bestPlan, defaultPlan, eastMask, hasPlan } from './east-masks';
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
import { estimatedBytes, sampleLayer, type LayerSample } from './size-estimate';
import { defined } from '../util/defined';

/** How far below the budget the search may stop that only finds out what a byte is worth. */
const ROUGH = 0.01;
/** Plans are kept while the logarithm of a byte's price changes less. */
const SAME_PRICE = 0.15;
/** Times that plans are made for a price, which they change. */
const MAX_ROUNDS = 2;

/**
 * Unstructured: the symbols of least saliency, one threshold for all layers. (At a price in nats, as the others do it, it
 * kept less accuracy: it thins out small layers although nothing is saved by that.)
 */
export function selectMagnitude(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions = {},
): Selection {
  return searchBudget(layers, budgetBytes, maskAll(layers, magnitudeMask), options);
}

/** Aligned groups of a fixed number of consecutive symbols, those of least mean saliency for what they take of their layer. */
export function selectGroup(
  layers: readonly SelectionLayer[],
  budgetBytes: number,
  options: SelectionOptions & { readonly group: number },
): Selection {
  if (!Number.isInteger(options.group) || options.group < 1) {
    throw new UserError(`the group must be a whole number of weights ≥ 1, not ${options.group}`);
  }
  return searchBudget(
    layers,
    budgetBytes,
    maskAll(layers, atPrice(groupMask(options.group))),
    options,
  );
}

/**
 * EAST: the codec's own prices decide which zeros pay. A rough search shows what a byte is worth at this budget; at
 * that price every layer gets the way of choosing that is best for it (its plan), and another search meets the budget
 * with those. Prices and plans are found on samples of the layers, what is returned is really encoded. The plans of
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
    searchBudget(layers, budgetBytes, withPlans(layers.map(whole), plans), {
      ...defined({ lambda: start, tolerance }),
      elasticity: (price) => elasticityOf(samples, withPlans(samples, plans), price),
    });
  const roughPrice = (plans: readonly LayerPlan[], start: number | undefined): number =>
    searchBudget(
      samples.map(({ layer }) => layer),
      budgetBytes,
      withPlans(samples, plans),
      {
        ...defined({ lambda: start }),
        tolerance: ROUGH,
        measure: (_, masks) => estimatedBytes(samples, masks),
      },
    ).lambda;
  const planFor = (price: number, from: readonly LayerPlan[]): EastPlans => ({
    price,
    layers: samples.map(({ layer, factor }, l) => bestPlan(layer, price * factor, from[l]!)),
  });

  let plans: EastPlans;
  let price: number;
  if (last !== undefined && plansFit(last, layers)) {
    plans = last;
    price = roughPrice(last.layers, lambda ?? last.price);
  } else {
    const plain = layers.map(defaultPlan);
    const rough = roughPrice(plain, lambda);
    if (rough === 0) return search(plain, undefined);
    price = bytePrice(samples, withPlans(samples, plain), rough);
    const from = plain.map((plan) => ({ ...plan, scale: rough / price }));
    plans = planFor(price, from);
    price = roughPrice(plans.layers, price);
  }
  for (let round = 0; round < MAX_ROUNDS && price > 0; round++) {
    if (samePrice(price, plans.price)) break;
    plans = planFor(price, plans.layers);
    price = roughPrice(plans.layers, price);
  }
  return { ...search(plans.layers, price), plans };
}

/** Whether plans, which may come from a file, are for layers like these. */
function plansFit({ layers: plans }: EastPlans, layers: readonly SelectionLayer[]): boolean {
  return plans.length === layers.length && layers.every((layer, l) => hasPlan(layer, plans[l]!));
}

/** Each by its plan, at a price for a byte of the whole layer. */
function withPlans(parts: readonly LayerSample[], plans: readonly LayerPlan[]): MaskChooser {
  const masks = plans.map((plan) => atPrice((layer, lambda) => eastMask(layer, plan, lambda)));
  return (price) => parts.map(({ layer, factor }, l) => masks[l]!(layer, price * factor));
}

function whole(layer: SelectionLayer): LayerSample {
  return { layer, factor: 1 };
}

function samePrice(a: number, b: number): boolean {
  return Math.abs(Math.log(a / b)) < SAME_PRICE;
}

/**
 * One layer's mask at about what a byte is worth, for weighing formats: each method's own way of choosing, its multiplier
 * calibrated to bytes. Kept symbols here and there cost what the codec says, those in a group hardly more than themselves.
 */
export const byteMasks = {
  east: (layer, lambda) => eastMask(layer, defaultPlan(layer), lambda),
  magnitude: (layer, lambda) =>
    magnitudeMask(layer, layer.coding.codec.prices.kept(layer.coding.options) * lambda),
  group: groupMask,
} satisfies Record<string, LayerMask | ((group: number) => LayerMask)>;

/** Multipliers this factor apart show how bytes and losses change. */
const APART = 1.3;

/** Nats that a byte more would save around `lambda`: the slope of loss against bytes, by samples. */
function bytePrice(samples: readonly LayerSample[], choose: MaskChooser, lambda: number): number {
  const [few, many] = around(lambda, choose);
  const layers = samples.map(({ layer }) => layer);
  const bytes = estimatedBytes(samples, many).total - estimatedBytes(samples, few).total;
  const loss = distortion(layers, few) - distortion(layers, many);
  return bytes > 0 ? Math.min(4 * lambda, Math.max(lambda / 4, loss / bytes)) : lambda;
}

/** Percent of the bytes that one percent of the multiplier is worth there, by samples; at least a tenth. */
function elasticityOf(
  samples: readonly LayerSample[],
  choose: MaskChooser,
  lambda: number,
): number {
  const [few, many] = around(lambda, choose);
  const ratio = estimatedBytes(samples, many).total / estimatedBytes(samples, few).total;
  return Math.max(0.1, Math.log(ratio) / Math.log(APART));
}

function around(lambda: number, choose: MaskChooser): [few: Uint8Array[], many: Uint8Array[]] {
  return [choose(lambda * Math.sqrt(APART)), choose(lambda / Math.sqrt(APART))];
}
